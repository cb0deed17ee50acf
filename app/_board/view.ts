/** A board's view as a query string: everything that a link or a reload has to bring back. Odd values fall to defaults. */
import { BOARD_SORTS, type BoardQuery, type BoardSort } from '@/db/queries/board';
import { readCursor } from '@/db/queries/cursor';
import { RECIPES, type Recipe } from '@/db/schema';
import { PROTOCOL } from '@/lib/protocol/boards';
import { STANDING_STATES, type StandingState } from '@/lib/protocol/standing';
import { COLUMNS } from './columns';

export const RANKS = ['pgd', 'autoattack', 'collapse'] as const;
export type Rank = (typeof RANKS)[number];

export interface BoardView {
  rank: Rank;
  sort: BoardSort;
  order: 'asc' | 'desc';
  search: string;
  recipes: Recipe[];
  states: StandingState[];
  extraData: 'yes' | 'no' | '';
  columns: BoardSort[];
  /** Axes of the scatter. */
  x: BoardSort;
  y: BoardSort;
  cursor: string;
  /** Of the rows; empty: the newest. */
  protocol: string;
}

type Params = Record<string, string | string[] | undefined>;

const RANK_SORT: Record<Rank, BoardSort> = { pgd: 'pgd', autoattack: 'robust', collapse: 'collapse' };
const STANDARD = COLUMNS.filter((c) => c.standard).map((c) => c.id);

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value) ?? '';
/** Repeated parameters (a form's check boxes) and comma lists (links) alike. */
const many = <T extends string>(value: string | string[] | undefined, known: readonly T[]): T[] => {
  const given = (Array.isArray(value) ? value : [value ?? '']).flatMap((v) => v.split(','));
  return known.filter((k) => given.includes(k));
};
const isSort = (text: string): text is BoardSort => Object.hasOwn(BOARD_SORTS, text);

export function readBoardView(params: Params): BoardView {
  const rank = RANKS.find((r) => r === one(params.rank)) ?? 'pgd';
  const sort = isSort(one(params.sort)) ? (one(params.sort) as BoardSort) : RANK_SORT[rank];
  const best = BOARD_SORTS[sort].best;
  const order = one(params.order) === 'asc' || one(params.order) === 'desc' ? (one(params.order) as 'asc' | 'desc') : best;
  const columns = many(
    params.columns,
    COLUMNS.map((c) => c.id),
  );
  const cursor = one(params.cursor);
  return {
    rank,
    sort,
    order,
    search: one(params.q).slice(0, 100),
    recipes: many(params.recipe, RECIPES),
    states: many(params.state, STANDING_STATES),
    extraData: one(params.extra) === 'yes' ? 'yes' : one(params.extra) === 'no' ? 'no' : '',
    columns: columns.length ? columns : STANDARD,
    x: isSort(one(params.x)) ? (one(params.x) as BoardSort) : 'robust',
    y: isSort(one(params.y)) ? (one(params.y) as BoardSort) : 'collapse',
    cursor: readCursor(cursor) ? cursor : '',
    protocol: /^\d{1,3}$/.test(one(params.protocol)) && one(params.protocol) !== PROTOCOL ? one(params.protocol) : '',
  };
}

const isStandard = (columns: readonly string[]) => columns.join() === STANDARD.join();

/** Only what differs from the defaults. */
export function boardQueryString(view: BoardView): string {
  const params = new URLSearchParams();
  if (view.rank !== 'pgd') params.set('rank', view.rank);
  if (view.sort !== RANK_SORT[view.rank]) params.set('sort', view.sort);
  if (view.order !== BOARD_SORTS[view.sort].best) params.set('order', view.order);
  if (view.search) params.set('q', view.search);
  if (view.recipes.length) params.set('recipe', view.recipes.join());
  if (view.states.length) params.set('state', view.states.join());
  if (view.extraData) params.set('extra', view.extraData);
  if (!isStandard(view.columns)) params.set('columns', view.columns.join());
  if (view.x !== 'robust') params.set('x', view.x);
  if (view.y !== 'collapse') params.set('y', view.y);
  if (view.cursor) params.set('cursor', view.cursor);
  if (view.protocol) params.set('protocol', view.protocol);
  return params.toString().replaceAll('%2C', ',');
}

export const rankingOf = (rank: Rank) => (rank === 'autoattack' ? 'autoattack' : 'pgd');

export function boardQuery(view: BoardView, board: string, limit: number): BoardQuery {
  return {
    board,
    protocol: view.protocol || PROTOCOL,
    sort: view.sort,
    order: view.order,
    limit,
    ...(view.search ? { search: view.search } : {}),
    ...(view.recipes.length ? { recipes: view.recipes } : {}),
    ...(view.states.length ? { states: view.states } : {}),
    ...(view.extraData ? { extraData: view.extraData === 'yes' } : {}),
    ...(view.cursor ? { cursor: view.cursor } : {}),
  };
}

/** Which row it is, and how far to trust it: in every CSV. */
const IDENTITY = [
  'tier',
  'slug',
  'name',
  'version',
  'sha256',
  'submitter',
  'state',
  'full',
  'samples',
  'autoattackSamples',
  'trainSamples',
  'recipe',
  'extraData',
];
/** A column of the table as the API's fields. */
const FIELDS: Partial<Record<BoardSort, string[]>> = {
  robust: ['robust', 'robustLow', 'robustHigh'],
  collapse: ['collapse', 'meansRank'],
  date: ['measuredAt'],
};

/** What the table shows, every row of it, from the API as CSV. */
export function csvUrl(view: BoardView, board: string): string {
  const columns = [...IDENTITY, ...view.columns.flatMap((c) => FIELDS[c] ?? [c]), 'flags', 'nearDuplicate', 'nearDuplicateCosine'];
  const params = new URLSearchParams({ format: 'csv', sort: view.sort, order: view.order, ranking: rankingOf(view.rank) });
  if (view.search) params.set('search', view.search);
  if (view.recipes.length) params.set('recipe', view.recipes.join());
  if (view.states.length) params.set('state', view.states.join());
  if (view.extraData) params.set('extraData', view.extraData);
  if (view.protocol) params.set('protocol', view.protocol);
  params.set('columns', columns.join());
  return `/api/v1/boards/${board}/rows?${params}`.replaceAll('%2C', ',');
}
