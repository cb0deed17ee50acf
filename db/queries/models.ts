/** What a model's page shows, and who may read its files. */
import { and, asc, desc, eq, or } from 'drizzle-orm';
import type { Db } from '../client';
import { events, files, models, type Role, runs, standings, users, versions } from '../schema';

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

export const standingsOf = (db: Db, versionId: string) =>
  db.select().from(standings).where(eq(standings.versionId, versionId)).orderBy(asc(standings.board));

export const filesOf = (db: Db, versionId: string) =>
  db
    .select({ path: files.path, sha256: files.sha256, bytes: files.bytes })
    .from(files)
    .where(eq(files.versionId, versionId))
    .orderBy(asc(files.path));

/** Every run of a version, newest first, without the reports. */
export const runsOf = (db: Db, versionId: string) =>
  db
    .select({
      id: runs.id,
      board: runs.board,
      protocol: runs.protocol,
      level: runs.level,
      kind: runs.kind,
      by: users.name,
      full: runs.full,
      samples: runs.samples,
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
    })
    .from(runs)
    .leftJoin(users, eq(users.id, runs.accountId))
    .where(eq(runs.versionId, versionId))
    .orderBy(desc(runs.createdAt), asc(runs.id));

/** A run of a version that the reader may see. */
export async function runById(db: Db, runId: string, reader: Reader) {
  const [row] = await db
    .select({ run: runs, version: versions.number, slug: models.slug, name: models.name, by: users.name, sha256: versions.sha256 })
    .from(runs)
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
