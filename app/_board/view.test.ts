import { describe, expect, it } from 'vitest';
import { rowsQuerySchema } from '../_server/api/shapes';
import { COLUMNS } from './columns';
import { type BoardView, boardQueryString, csvUrl, readBoardView } from './view';

const read = (query: string) => {
  const params: Record<string, string[]> = {};
  for (const [key, value] of new URLSearchParams(query)) params[key] = [...(params[key] ?? []), value];
  return readBoardView(params);
};

describe('a board’s view in the address', () => {
  it('is empty by default, and comes back from its own query', () => {
    expect(boardQueryString(read(''))).toBe('');
    const view: BoardView = {
      rank: 'collapse',
      sort: 'nc1',
      order: 'desc',
      search: 'wide & deep',
      recipes: ['AT', 'TRADES'],
      states: ['verified'],
      extraData: 'no',
      columns: ['clean', 'nc1'],
      x: 'clean',
      y: 'nc4',
      cursor: '',
      protocol: '7',
    };
    expect(read(boardQueryString(view))).toEqual(view);
  });

  it('takes a form’s repeated fields like a link’s lists', () => {
    expect(read('recipe=AT&recipe=ST').recipes).toEqual(read('recipe=ST,AT').recipes);
  });

  it('falls to the defaults for what it does not know', () => {
    expect(read('rank=luck&sort=owner&order=up&recipe=XX&state=great&extra=maybe&columns=zz&x=1&y=2&cursor=abc&protocol=new')).toEqual(
      read(''),
    );
  });

  it('sorts by what is ranked, unless the reader sorts by something else', () => {
    expect([read('').sort, read('rank=autoattack').sort, read('rank=collapse').sort, read('sort=nc1').order]).toEqual([
      'pgd',
      'robust',
      'collapse',
      'asc',
    ]);
  });

  it('asks the API for the same rows and columns', () => {
    expect(csvUrl(read('q=x&extra=yes&sort=nc1&columns=robust,nc1,date'), 'cifar-10/l2')).toBe(
      '/api/v1/boards/cifar-10/l2/rows?format=csv&sort=nc1&order=asc&ranking=pgd&search=x&extraData=yes' +
        '&columns=tier,slug,name,version,sha256,submitter,state,full,samples,autoattackSamples,trainSamples,recipe,extraData,robust,robustLow,robustHigh,nc1,measuredAt,flags,nearDuplicate,nearDuplicateCosine',
    );
  });

  it('names only fields that the API has', () => {
    const all = csvUrl({ ...read(''), columns: COLUMNS.map((c) => c.id) }, 'cifar-10/l2');
    const asked = rowsQuerySchema.safeParse(Object.fromEntries(new URLSearchParams(all.split('?')[1])));
    expect(asked.error?.issues).toBeUndefined();
  });
});
