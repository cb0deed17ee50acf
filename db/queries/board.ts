/** The board: one row for each public version that was measured on it. */
import { and, asc, desc, eq, gt, ilike, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import type { StandingState } from '../../lib/protocol/standing';
import type { Db } from '../client';
import { models, type Recipe, standings, users, versions } from '../schema';

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

const selectRows = (db: Db) =>
  db
    .select(FIELDS)
    .from(standings)
    .innerJoin(versions, eq(versions.id, standings.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(users, eq(users.id, models.ownerId));
export type BoardRow = Awaited<ReturnType<typeof selectRows>>[number];

export interface BoardPage {
  rows: BoardRow[];
  /** Present if there are more. */
  next?: string;
}

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');

export async function boardRows(db: Db, query: BoardQuery): Promise<BoardPage> {
  const { column, best } = BOARD_SORTS[query.sort];
  const order = query.order ?? best;
  // What was not measured comes last in either direction, and equal values in the order of ids, so that pages are stable.
  const value = sql`coalesce(${query.sort === 'date' ? sql`extract(epoch from ${column})` : column}::float8, ${order === 'asc' ? 'infinity' : '-infinity'}::float8)`;
  const here = and(eq(standings.board, query.board), eq(standings.protocol, query.protocol));
  const where: (SQL | undefined)[] = [
    here,
    eq(standings.listed, true),
    query.search ? or(ilike(models.name, `%${escapeLike(query.search)}%`), ilike(users.name, `%${escapeLike(query.search)}%`)) : undefined,
    query.recipes?.length ? inArray(versions.recipe, query.recipes) : undefined,
    query.states?.length ? inArray(standings.state, query.states) : undefined,
    query.extraData === undefined ? undefined : sql`${versions.extraData} is ${query.extraData ? sql`not null` : sql`null`}`,
  ];
  const cursor = query.cursor ? readCursor(query.cursor) : undefined;
  if (cursor) {
    const after = order === 'asc' ? gt : lt;
    const at = sql`${cursor.value}::float8`;
    where.push(or(after(value, at), and(sql`${value} = ${at}`, gt(standings.versionId, cursor.id))));
  }
  // Which rows, from the narrow table alone where that will do; then what they show. Joining all to sort all is slow.
  const keys = db
    .select({ id: standings.versionId, key: sql<string>`${value}::text` })
    .from(standings)
    .$dynamic();
  const ofVersion = query.recipes?.length || query.extraData !== undefined || query.sort === 'params' || query.sort === 'macs';
  if (ofVersion || query.search) keys.innerJoin(versions, eq(versions.id, standings.versionId));
  if (query.search) keys.innerJoin(models, eq(models.id, versions.modelId)).leftJoin(users, eq(users.id, models.ownerId));
  const found = await keys
    .where(and(...where))
    .orderBy(order === 'asc' ? asc(value) : desc(value), asc(standings.versionId))
    .limit(query.limit + 1);
  const page = found.slice(0, query.limit);
  if (page.length === 0) return { rows: [] };
  const shown = await selectRows(db).where(
    and(
      here,
      inArray(
        standings.versionId,
        page.map((r) => r.id),
      ),
    ),
  );
  const byId = new Map(shown.map((row) => [row.versionId, row]));
  const last = page[page.length - 1];
  return {
    // A row that was taken away between the two questions is left out.
    rows: page.flatMap(({ id }) => byId.get(id) ?? []),
    ...(found.length > query.limit ? { next: writeCursor(last.key, last.id) } : {}),
  };
}

const writeCursor = (value: string, id: string) => Buffer.from(JSON.stringify([value, id])).toString('base64url');

/** Undefined if it is not one of ours. */
export function readCursor(cursor: string): { value: string; id: string } | undefined {
  try {
    const [value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const isNumber = typeof value === 'string' && /^(-?Infinity|-?\d+(\.\d+)?(e[+-]?\d+)?)$/.test(value);
    return isNumber && typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) ? { value, id } : undefined;
  } catch {
    return undefined;
  }
}
