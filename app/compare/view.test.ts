import { describe, expect, it } from 'vitest';
import { compareHref, groupName, readCompareView } from './view';

const read = (query: string) => {
  const params: Record<string, string[]> = {};
  for (const [key, value] of new URLSearchParams(query)) params[key] = [...(params[key] ?? []), value];
  return readCompareView(params);
};

describe('a comparison’s view in the address', () => {
  it('comes back from its own query', () => {
    const view = { models: ['one@2', 'other'], board: 'cifar-10/l2', basis: 'pgd', group: '10', from: 96 } as const;
    expect(compareHref({ ...view, models: [...view.models] })).toBe('/compare?m=one@2&m=other&board=cifar-10/l2&on=pgd&group=10&from=96');
    expect(read(compareHref({ ...view, models: [...view.models] }).split('?')[1])).toEqual(view);
  });

  it('takes a and b, lists and ticked boxes alike, each model once', () => {
    for (const query of ['a=x&b=y', 'm=x&m=y', 'm=x,y', 'a=x&m=y,x']) expect(read(query).models).toEqual(['x', 'y']);
    expect(read('').models).toEqual([]);
  });

  it('falls to the defaults for what it does not know', () => {
    expect(read('board=mnist/linf&on=luck&group=1&from=-3')).toEqual(read(''));
  });

  it('names a group by who holds it', () => {
    expect(groupName([true, false, true])).toBe('101');
  });
});
