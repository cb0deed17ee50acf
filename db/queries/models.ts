/** What a model's page shows, and who may read its files. */
import { and, asc, desc, eq, ilike, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Db } from '../client';
import { events, files, models, type Role, runners, runs, spotChecks, standings, users, versions } from '../schema';
import { type Cursor, escapeLike, newestFirst, writeCursor } from './cursor';

/** Who is asking; null: a visitor. */
export type Reader = { accountId: string; role: Role } | null;

/** Public ones for everybody; the rest for their owner and for admins. */
export function readable(reader: Reader) {
  if (reader?.role === 'admin') return undefined;
  return reader ? or(eq(versions.state, 'public'), eq(models.ownerId, reader.accountId)) : eq(versions.state, 'public');
}

/** A model with the versions that the reader may see, newest first; undefined if there are none. */
export async function modelBySlug(db: Db, slug: string, reader: Reader) {
  const rows = await db
    .select({ model: models, version: versions, owner: { id: users.id, name: users.name } })
    .from(models)
    .innerJoin(versions, eq(versions.modelId, models.id))
    .leftJoin(users, eq(users.id, models.ownerId))
    .where(and(eq(models.slug, slug), readable(reader)))
    .orderBy(desc(versions.number));
  if (rows.length === 0) return undefined;
  return { ...rows[0].model, owner: rows[0].owner, versions: rows.map((r) => r.version) };
}
export type ModelPage = NonNullable<Awaited<ReturnType<typeof modelBySlug>>>;

/** By board, under the newest protocol first. */
export const standingsOf = (db: Db, versionId: string) =>
  db
    .select()
    .from(standings)
    .where(eq(standings.versionId, versionId))
    .orderBy(asc(standings.board), desc(sql`${standings.protocol}::int`));

export const filesOf = (db: Db, versionId: string) =>
  db
    .select({ path: files.path, sha256: files.sha256, bytes: files.bytes })
    .from(files)
    .where(eq(files.versionId, versionId))
    .orderBy(asc(files.path));

/** Of the spot check of a claim, what everybody may see before it has ended. */
const spotCheck = {
  ...{ stage: spotChecks.stage, robust: spotChecks.robust, attacked: spotChecks.attacked, broken: spotChecks.broken },
  ...{ verdict: spotChecks.verdict, endedAt: spotChecks.endedAt },
};

export interface Page {
  limit: number;
  cursor?: Cursor;
}

/** Runs of a version, newest first, without the reports; `next` is there if there are more. */
export async function runsOf(db: Db, versionId: string, { limit, cursor }: Page) {
  const { key, order, beyond } = newestFirst(runs.createdAt, runs.id, cursor);
  const found = await db
    .select({
      key,
      id: runs.id,
      board: runs.board,
      protocol: runs.protocol,
      level: runs.level,
      kind: runs.kind,
      by: users.name,
      full: runs.full,
      samples: runs.samples,
      autoattackSamples: runs.autoattackSamples,
      trainSamples: runs.trainSamples,
      seed: runs.seed,
      cleanCorrect: runs.cleanCorrect,
      robustCorrect: runs.robustCorrect,
      environment: runs.environment,
      startedAt: runs.startedAt,
      durationMs: runs.durationMs,
      createdAt: runs.createdAt,
      revokedAt: runs.revokedAt,
      revokedReason: runs.revokedReason,
      spotCheck,
    })
    .from(runs)
    .leftJoin(users, eq(users.id, runs.accountId))
    .leftJoin(spotChecks, eq(spotChecks.runId, runs.id))
    .where(and(eq(runs.versionId, versionId), beyond))
    .orderBy(order)
    .limit(limit + 1);
  return pageOf(found, limit);
}
export type RunRow = Awaited<ReturnType<typeof runsOf>>['rows'][number];

function pageOf<T extends { key: string; id: string }>(found: T[], limit: number): { rows: Omit<T, 'key'>[]; next?: string } {
  const last = found[limit - 1];
  return {
    rows: found.slice(0, limit).map(({ key: _, ...row }) => row),
    ...(found.length > limit ? { next: writeCursor(last.key, last.id) } : {}),
  };
}

/** Models with a public version, newest first, each with its newest public version. */
export async function publicModels(db: Db, { limit, cursor, search }: Page & { search?: string }) {
  const { key, order, beyond } = newestFirst(models.createdAt, models.id, cursor);
  const newest = db
    .selectDistinctOn([versions.modelId], {
      ...{ modelId: versions.modelId, number: versions.number, sha256: versions.sha256, board: versions.board },
      ...{ params: versions.params, recipe: versions.recipe, licence: versions.licence, publishedAt: versions.publishedAt },
    })
    .from(versions)
    .where(eq(versions.state, 'public'))
    .orderBy(versions.modelId, desc(versions.number))
    .as('newest');
  const found = await db
    .select({
      ...{ key, id: models.id, slug: models.slug, name: models.name, owner: users.name, baseline: models.baseline },
      ...{ number: newest.number, sha256: newest.sha256, board: newest.board, params: newest.params },
      ...{ recipe: newest.recipe, licence: newest.licence, createdAt: models.createdAt, publishedAt: newest.publishedAt },
    })
    .from(models)
    .innerJoin(newest, eq(newest.modelId, models.id))
    .leftJoin(users, eq(users.id, models.ownerId))
    .where(and(beyond, search ? ilike(models.name, `%${escapeLike(search)}%`) : undefined))
    .orderBy(order)
    .limit(limit + 1);
  return pageOf(found, limit);
}

const runnerOwners = alias(users, 'runner_owners');

/** A run of a version that the reader may see. */
export async function runById(db: Db, runId: string, reader: Reader) {
  const [row] = await db
    .select({
      ...{ run: runs, version: versions.number, slug: models.slug, name: models.name, by: users.name, sha256: versions.sha256 },
      runner: { name: runners.name, local: runners.local, publicKey: runners.publicKey },
      runnerOwner: runnerOwners.name,
      spotCheck,
    })
    .from(runs)
    .leftJoin(spotChecks, eq(spotChecks.runId, runs.id))
    .leftJoin(runners, eq(runners.id, runs.runnerId))
    .leftJoin(runnerOwners, eq(runnerOwners.id, runners.ownerId))
    .innerJoin(versions, eq(versions.id, runs.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(users, eq(users.id, runs.accountId))
    .where(and(eq(runs.id, runId), readable(reader)));
  return row;
}

/** A public version by the hash of its weights, or one that the reader may see. */
export async function versionBySha256(db: Db, sha256: string, reader: Reader) {
  const [row] = await db
    .select({ version: versions, slug: models.slug, name: models.name, ownerId: models.ownerId })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(and(eq(versions.sha256, sha256), readable(reader)))
    .orderBy(desc(eq(versions.state, 'public')), desc(versions.createdAt));
  return row;
}

/** Of the versions that the reader may see. */
export const historyOf = (db: Db, modelId: string, reader: Reader) =>
  db
    .select({
      id: events.id,
      at: events.at,
      kind: events.kind,
      board: events.board,
      versionId: events.versionId,
      runId: events.runId,
      by: users.name,
      data: events.data,
    })
    .from(events)
    .innerJoin(versions, eq(versions.id, events.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(users, eq(users.id, events.accountId))
    .where(and(eq(events.modelId, modelId), readable(reader)))
    .orderBy(desc(events.id))
    .limit(200);

/** What an account has submitted, newest first. */
export const submissionsOf = (db: Db, accountId: string) =>
  db
    .select({ slug: models.slug, name: models.name, version: versions })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(models.ownerId, accountId))
    .orderBy(desc(versions.createdAt));
