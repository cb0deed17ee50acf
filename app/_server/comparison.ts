/** A comparison as it was asked for: which versions, on which board, under which evidence. One for the page and the API. */
import type { Db } from '@/db/client';
import { type BoardRow, rowsOfVersions } from '@/db/queries/board';
import { bitmapsOf, type Named, type OutcomeBasis, publicVersionsNamed } from '@/db/queries/outcomes';
import { BOARDS, type Board, PROTOCOL } from '@/lib/protocol/boards';
import { type Comparison, compare, MOST_COMPARED } from '@/lib/protocol/comparison';
import type { Bitmap } from '@/lib/protocol/mcnemar';

export interface ComparisonRequest {
  /** `slug` or `slug@version`. */
  models: readonly string[];
  /** The first board that all of them were measured on, where none is named. */
  board?: string;
  basis: OutcomeBasis;
}

export interface ComparedModels {
  ok: true;
  board: Board;
  /** Where all of them were measured. */
  boards: Board[];
  rows: BoardRow[];
  bitmaps: Bitmap[];
  comparison: Comparison;
}

export type Refused = { ok: false; code: 'bad-request' | 'not-found'; message: string };

const refused = (code: Refused['code'], message: string): Refused => ({ ok: false, code, message });

/** `slug@version` as a link names it for good. */
export const lastingName = ({ slug, version }: { slug: string; version: number }) => `${slug}@${version}`;

function readName(text: string): Named | null {
  const match = /^([a-z0-9-]{1,80})(?:@([1-9]\d{0,5}))?$/.exec(text);
  return match && { slug: match[1], ...(match[2] ? { number: Number(match[2]) } : {}) };
}

export async function compareModels(db: Db, { models, board: wanted, basis }: ComparisonRequest): Promise<ComparedModels | Refused> {
  const names = [...new Set(models)];
  if (names.length < 2 || names.length > MOST_COMPARED)
    return refused('bad-request', `models: expected 2 to ${MOST_COMPARED} different ones, got ${names.length}`);
  const read = names.map(readName);
  const odd = read.indexOf(null);
  if (odd >= 0) return refused('bad-request', `models: expected a slug or slug@version, got ${names[odd]}`);
  const versions = await publicVersionsNamed(db, read as Named[], PROTOCOL);
  const absent = versions.indexOf(null);
  if (absent >= 0) return refused('not-found', `there is no public model ${names[absent]}`);
  const found = versions.flatMap((v) => v ?? []);
  if (new Set(found.map((v) => v.id)).size < found.length) return refused('bad-request', 'models: two of them are the same version');
  const boards = [...BOARDS.values()].filter((b) => found.every((v) => v.boards.includes(b.id)));
  const board = wanted === undefined ? boards[0] : boards.find((b) => b.id === wanted);
  if (!board)
    return wanted !== undefined && !BOARDS.has(wanted)
      ? refused('not-found', `there is no board ${wanted}; known: ${[...BOARDS.keys()].join(', ')}`)
      : refused('bad-request', `board: not all of these models were measured on ${wanted ?? 'one and the same board'}`);
  const at = { board: board.id, protocol: PROTOCOL };
  const ids = found.map((v) => v.id);
  const [rows, maps] = [await rowsOfVersions(db, at, ids), await bitmapsOf(db, at, basis, ids)];
  const without = found.find((v) => !maps.has(v.id));
  if (without || rows.length < ids.length)
    return refused('bad-request', `on: ${without?.name ?? 'one of the models'} was not measured under “${basis}” on ${board.id}`);
  const bitmaps = ids.map((id) => maps.get(id) as Bitmap);
  return { ok: true, board, boards, rows, bitmaps, comparison: compare(bitmaps) };
}
