import { describe, expect, it } from 'vitest';
import { readView, type View, viewQuery } from './view';

const read = (query: string) => readView(new URLSearchParams(query));

describe('the view in the address', () => {
  it('comes back from its own query', () => {
    const view: View = {
      ...{ model: 'fmnist_at', board: 'cifar-10/l2', size: { samples: 4, trainSamples: 0 }, layers: false, backend: 'wasm' },
      attacks: { level: 'standard', autoattackSamples: 3 },
      extras: { checks: true, curves: true },
    };
    expect(viewQuery(view)).toContain('&level=standard&autoattack=3&');
    expect(viewQuery(view)).toContain('&checks=yes&curves=yes');
    expect(read(viewQuery(view))).toEqual(view);
  });

  it('can name a model of the site, and a run to compare with', () => {
    const view: View = { ...read(''), site: { slug: 'my-net-2', version: 3 }, run: '0f8fad5b-d9cb-469f-a165-70867728950e' };
    expect(viewQuery(view)).toBe('site=my-net-2%403&run=0f8fad5b-d9cb-469f-a165-70867728950e');
    expect(read(viewQuery(view))).toEqual(view);
    expect(read('site=../x@1&run=1')).toEqual(read(''));
  });

  it('is empty where nothing was chosen', () => {
    expect(viewQuery(read(''))).toBe('');
  });

  it('begins on the board whose images need no network', () => {
    expect(read('').board).toBe('glyphs/linf');
  });

  it('falls to the defaults for what it does not know', () => {
    expect(read('model=../x&board=nothing&level=most&autoattack=many&samples=-5&train=1e9&layers=maybe&backend=cpu')).toEqual(read(''));
    expect(read('samples=999999').size.samples).toBe(60000);
  });
});
