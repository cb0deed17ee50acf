/** A comparison in the address: `m` once for each model (or a list), or `a` and `b`; odd values fall to defaults. */
import { OUTCOME_BASES, type OutcomeBasis } from '@/db/queries/outcomes';
import { BOARDS } from '@/lib/protocol/boards';

export interface CompareView {
  /** `slug` or `slug@version`, each once. */
  models: string[];
  /** Empty: the first that all of them were measured on. */
  board: string;
  basis: OutcomeBasis;
  /** The group whose images are listed, by who holds them in the models' order: `10` is held by the first alone. Empty: none. */
  group: string;
  /** Place of the first image that is listed. */
  from: number;
}

type Params = Record<string, string | string[] | undefined>;

const all = (value: string | string[] | undefined) =>
  [value ?? []].flat().flatMap((v) => v.split(',').flatMap((name) => name.trim().slice(0, 90) || []));
const one = (value: string | string[] | undefined) => [value ?? ''].flat()[0] ?? '';

export function readCompareView(params: Params): CompareView {
  const from = Number(one(params.from));
  return {
    models: [...new Set([...all(params.a), ...all(params.b), ...all(params.m)])].slice(0, 20),
    board: BOARDS.has(one(params.board)) ? one(params.board) : '',
    basis: OUTCOME_BASES.find((b) => b === one(params.on)) ?? 'robust',
    group: /^[01]{2,6}$/.test(one(params.group)) ? one(params.group) : '',
    from: Number.isInteger(from) && from > 0 && from < 1e7 ? from : 0,
  };
}

export function compareHref({ models, board, basis, group, from }: CompareView): string {
  const params = new URLSearchParams(models.map((m) => ['m', m]));
  if (board) params.set('board', board);
  if (basis !== 'robust') params.set('on', basis);
  if (group) params.set('group', group);
  if (group && from > 0) params.set('from', String(from));
  return `/compare?${params}`.replaceAll('%40', '@').replaceAll('%2F', '/');
}

/** A group's name in the address. */
export const groupName = (holds: readonly boolean[]) => holds.map(Number).join('');
