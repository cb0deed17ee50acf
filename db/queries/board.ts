/** The board: one row for each public version that was measured on it. */
import { and, asc, desc, eq, gt, ilike, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { StandingState } from '../../lib/protocol/standing';
import type { Db } from '../client';
import { models, type Recipe, standings, users, versions, weightSketches } from '../schema';
import { type Cursor, escapeLike, readCursor, writeCursor } from './cursor';

/** Columns that a board can be sorted by, with the direction that shows the best first. */
export const BOARD_SORTS = {
  robust: { column: standings.robust, best: 'desc' },
  pgd: { column: standings.pgd, best: 'desc' },
  pgd10: { column: standings.pgd10, best: 'desc' },
  autoattack: { column: standings.autoattack, best: 'desc' },
  clean: { column: standings.clean, best: 'desc' },
  collapse: { column: standings.collapse, best: 'desc' },
  collapseAdversarial: { column: standings.collapseAdversarial, best: 'desc' },
  nc1: { column: standings.nc1, best: 'asc' },
  nc2: { column: standings.nc2, best: 'asc' },
  nc3: { column: standings.nc3, best: 'asc' },
  nc4: { column: standings.nc4, best: 'asc' },
  nc1Adversarial: { column: standings.nc1Adversarial, best: 'asc' },
  params: { column: versions.params, best: 'asc' },
  macs: { column: versions.macs, best: 'asc' },
  date: { column: standings.measuredAt, best: 'desc' },
} as const;
export type BoardSort = keyof typeof BOARD_SORTS;

export interface BoardQuery {
  board: string;
  protocol: string;
  sort: BoardSort;
  order?: 'asc' | 'desc';
  search?: string;
  recipes?: Recipe[];
  states?: StandingState[];
  /** True: only with extra data; false: only without. */
  extraData?: boolean;
  limit: number;
  /** Opaque, from the answer before. */
  cursor?: string;
}

const FIELDS = {
  versionId: standings.versionId,
  protocol: standings.protocol,
  slug: models.slug,
  name: models.name,
  version: versions.number,
  sha256: versions.sha256,
  submitter: users.name,
  baseline: models.baseline,
  state: standings.state,
  reason: standings.reason,
  rankings: standings.rankings,
  runId: standings.runId,
  full: standings.full,
  samples: standings.samples,
  autoattackSamples: standings.autoattackSamples,
  trainSamples: standings.trainSamples,
  clean: standings.clean,
  pgd10: standings.pgd10,
  pgd: standings.pgd,
  autoattack: standings.autoattack,
  robust: standings.robust,
  robustLow: standings.robustLow,
  robustHigh: standings.robustHigh,
  nc1: standings.nc1,
  nc2: standings.nc2,
  nc3: standings.nc3,
  nc4: standings.nc4,
  nc1Adversarial: standings.nc1Adversarial,
  meansRank: standings.meansRank,
  collapse: standings.collapse,
  collapseAdversarial: standings.collapseAdversarial,
  flags: standings.flags,
  measuredAt: standings.measuredAt,
  params: versions.params,
  macs: versions.macs,
  classes: versions.classes,
  recipe: versions.recipe,
  extraData: versions.extraData,
  epsilonTrained: versions.epsilonTrained,
  licence: versions.licence,
};

/**
 * Versions that the row's submitter has sent to its board and that came through the checks, drafts and hidden ones among
 * them: who tries many and shows the best is seen to. Null of baselines and deleted accounts.
 */
const weightsRemoved = sql<boolean>`${versions.weightsRemovedAt} is not null`;
const variants = sql<number | null>`case when ${models.ownerId} is null then null else (
  select count(*)::int from versions v join models m on m.id = v.model_id
  where m.owner_id = ${models.ownerId} and v.board = ${versions.board} and v.state not in ('uploading', 'refused')) end`;

/** The version of another account whose weights are almost these, as SLUG@NUMBER, and the cosine. */
const [nearVersions, nearModels] = [alias(versions, 'near_versions'), alias(models, 'near_models')];
const near = {
  nearDuplicate: sql<string | null>`${nearModels.slug} || '@' || ${nearVersions.number}`,
  nearDuplicateCosine: sql<number | null>`case when ${nearVersions.id} is not null then ${weightSketches.cosine} end`,
};

const selectRows = (db: Db) =>
  db
    .select({ ...FIELDS, ...near, variants, weightsRemoved })
    .from(standings)
    .innerJoin(versions, eq(versions.id, standings.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(users, eq(users.id, models.ownerId))
    .leftJoin(weightSketches, eq(weightSketches.versionId, versions.id))
    .leftJoin(nearVersions, and(eq(nearVersions.id, weightSketches.nearVersionId), eq(nearVersions.state, 'public')))
    .leftJoin(nearModels, eq(nearModels.id, nearVersions.modelId));
export type BoardRow = Awaited<ReturnType<typeof selectRows>>[number];

/** Protocols under which a board has rows, the newest first. */
export async function protocolsOf(db: Db, board: string): Promise<string[]> {
  const rows = await db
    .selectDistinct({ protocol: standings.protocol })
    .from(standings)
    .where(and(eq(standings.board, board), eq(standings.listed, true)));
  return rows.map(({ protocol }) => protocol).sort((a, b) => Number(b) - Number(a));
}

export interface BoardPage {
  rows: BoardRow[];
  /** Present if there are more. */
  next?: string;
}

/** What was not measured comes last in either direction, and equal values in the order of ids, so that pages are stable. */
function sorting({ sort, order = BOARD_SORTS[sort].best }: BoardQuery) {
  const { column } = BOARD_SORTS[sort];
  const number = sort === 'date' ? sql`extract(epoch from ${column})` : column;
  const value = sql`coalesce(${number}::float8, ${order === 'asc' ? 'infinity' : '-infinity'}::float8)`;
  return { value, order, by: [order === 'asc' ? asc(value) : desc(value), asc(standings.versionId)] };
}

const onBoard = ({ board, protocol }: Pick<BoardQuery, 'board' | 'protocol'>) =>
  and(eq(standings.board, board), eq(standings.protocol, protocol));

function fitting(query: BoardQuery): SQL | undefined {
  const like = `%${escapeLike(query.search ?? '')}%`;
  return and(
    onBoard(query),
    eq(standings.listed, true),
    query.search ? or(ilike(models.name, like), ilike(users.name, like)) : undefined,
    query.recipes?.length ? inArray(versions.recipe, query.recipes) : undefined,
    query.states?.length ? inArray(standings.state, query.states) : undefined,
    query.extraData === undefined ? undefined : sql`${versions.extraData} is ${query.extraData ? sql`not null` : sql`null`}`,
  );
}

/** Which rows, from the narrow table alone where that will do: joining all to sort all is slow. */
function fittingKeys(db: Db, query: BoardQuery, more?: SQL) {
  const { value, by } = sorting(query);
  const keys = db
    .select({ id: standings.versionId, key: sql<string>`${value}::text`.as('key') })
    .from(standings)
    .$dynamic();
  const ofVersion = query.recipes?.length || query.extraData !== undefined || query.sort === 'params' || query.sort === 'macs';
  if (ofVersion || query.search) keys.innerJoin(versions, eq(versions.id, standings.versionId));
  if (query.search) keys.innerJoin(models, eq(models.id, versions.modelId)).leftJoin(users, eq(users.id, models.ownerId));
  return keys.where(and(fitting(query), more)).orderBy(...by);
}

export async function boardRows(db: Db, query: BoardQuery): Promise<BoardPage> {
  const cursor = query.cursor ? readCursor(query.cursor) : undefined;
  const found = await fittingKeys(db, query, cursor && beyond(query, cursor)).limit(query.limit + 1);
  const page = found.slice(0, query.limit);
  if (page.length === 0) return { rows: [] };
  const ids = page.map((r) => r.id);
  const shown = await selectRows(db).where(and(onBoard(query), inArray(standings.versionId, ids)));
  const byId = new Map(shown.map((row) => [row.versionId, row]));
  const last = page[page.length - 1];
  return {
    // A row that was taken away between the two questions is left out.
    rows: page.flatMap(({ id }) => byId.get(id) ?? []),
    ...(found.length > query.limit ? { next: writeCursor(last.key, last.id) } : {}),
  };
}

/** The rows of these versions, in their order; one that is not on the board, or not public, is left out. */
export async function rowsOfVersions(
  db: Db,
  at: Pick<BoardQuery, 'board' | 'protocol'>,
  versionIds: readonly string[],
): Promise<BoardRow[]> {
  if (versionIds.length === 0) return [];
  const rows = await selectRows(db).where(and(onBoard(at), eq(standings.listed, true), inArray(standings.versionId, [...versionIds])));
  const byId = new Map(rows.map((row) => [row.versionId, row]));
  return versionIds.flatMap((id) => byId.get(id) ?? []);
}

function beyond(query: BoardQuery, cursor: Cursor): SQL | undefined {
  const { value, order } = sorting(query);
  const at = sql`${cursor.value}::float8`;
  return or((order === 'asc' ? gt : lt)(value, at), and(sql`${value} = ${at}`, gt(standings.versionId, cursor.id)));
}

/** A row as a mark on the scatter. */
export interface BoardPoint {
  versionId: string;
  slug: string;
  name: string;
  version: number;
  ranked: boolean;
  x: number | null;
  y: number | null;
}

/** The first `query.limit` fitting rows with two of their columns; dates in milliseconds. */
export async function boardPoints(db: Db, query: Omit<BoardQuery, 'cursor'>, x: BoardSort, y: BoardSort): Promise<BoardPoint[]> {
  const number = (sort: BoardSort) => {
    const { column } = BOARD_SORTS[sort];
    return sql<number | null>`${sort === 'date' ? sql`1000 * extract(epoch from ${column})` : column}::float8`;
  };
  const keys = fittingKeys(db, query).limit(query.limit).as('keys');
  const rows = await db
    .select({
      ...{ versionId: standings.versionId, slug: models.slug, name: models.name, version: versions.number },
      ...{ rankings: standings.rankings, x: number(x), y: number(y) },
    })
    .from(keys)
    .innerJoin(standings, and(onBoard(query), eq(standings.versionId, keys.id)))
    .innerJoin(versions, eq(versions.id, standings.versionId))
    .innerJoin(models, eq(models.id, versions.modelId));
  return rows.map(({ rankings, ...row }) => ({ ...row, ranked: rankings.length > 0 }));
}
