/** A board that is alive from the first second: the bundled models with reports that this code made, marked as baselines. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { and, eq, max, ne, sql } from 'drizzle-orm';
import { BUNDLED_MODELS, type BundledModel, baselineFile } from '../lib/bundled-models';
import { readModelJson, shardPaths } from '../lib/model/bundle';
import { readModel } from '../lib/model/preflight';
import { BOARDS } from '../lib/protocol/boards';
import { type Report, reportSchema } from '../lib/protocol/report';
import type { Blobs } from './blobs/blobs';
import { checkVersion } from './check-version';
import type { Db } from './client';
import { recomputeAllOf } from './queries/moderation';
import { addRun } from './queries/runs';
import { freeSlug } from './queries/slugs';
import { events, files, models, versions } from './schema';

const MODELS = path.join(process.cwd(), 'public/models');
const REPORTS = path.join(process.cwd(), 'db/baselines');
/** Any number will do, if it is always the same. */
const LOCK = 0x51_3f_1e_72;
const MADE_ROOM = 'another version of this baseline has taken its place';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Adds what is not there yet, by the models' hashes and the reports' bytes; run again it adds nothing. */
export async function seed(db: Db, blobs: Blobs): Promise<void> {
  for (const bundled of BUNDLED_MODELS) await seedModel(db, blobs, bundled);
}

async function readBundled(id: string): Promise<Map<string, Uint8Array>> {
  const json = new Uint8Array(await readFile(path.join(MODELS, id, 'model.json')));
  const parsed = readModelJson(json);
  if (!parsed.ok) throw new Error(`public/models/${id}: ${parsed.reasons.join('; ')}`);
  const contents = new Map([['model.json', json]]);
  for (const shard of shardPaths(parsed.value)) contents.set(shard, new Uint8Array(await readFile(path.join(MODELS, id, shard))));
  return contents;
}

async function seedModel(db: Db, blobs: Blobs, bundled: BundledModel): Promise<void> {
  const contents = await readBundled(bundled.id);
  const model = await readModel(contents);
  if (!model.ok) throw new Error(`public/models/${bundled.id}: ${model.reasons.join('; ')}`);
  const boards = [...BOARDS.values()].filter((b) => b.dataset === bundled.dataset);
  for (const bytes of contents.values()) await blobs.put(sha256(bytes), bytes);
  const versionId =
    (await publicVersion(db, model.value.sha256)) ?? (await addVersion(db, blobs, bundled, contents, model.value.sha256, boards[0].id));
  for (const board of boards) {
    const found = await readReport(bundled.id, board.id);
    if (found?.report.model.sha256 === model.value.sha256) await addRun(db, { versionId, kind: 'baseline', accountId: null, ...found });
  }
}

const publicVersion = async (db: Db, hash: string) =>
  (
    await db
      .select({ id: versions.id })
      .from(versions)
      .where(and(eq(versions.sha256, hash), eq(versions.state, 'public')))
  )[0]?.id;

/** Undefined if the baselines of this board have not been made. */
async function readReport(id: string, board: string): Promise<{ text: string; report: Report } | undefined> {
  const text = await readFile(path.join(REPORTS, baselineFile(id, board)), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : { text, report: reportSchema.parse(JSON.parse(text)) };
}

async function addVersion(
  db: Db,
  blobs: Blobs,
  { id, description, recipe, epsilonTrained, licence }: BundledModel,
  contents: Map<string, Uint8Array>,
  hash: string,
  board: string,
): Promise<string> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // Several may seed at once, each in a deployment of its own: the second finds what the first has added.
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    const existing = await publicVersion(tx, hash);
    if (existing) return existing;
    const { model, number } = await baselineModel(tx, id);
    const [before] = await tx
      .select()
      .from(versions)
      .where(and(eq(versions.modelId, model.id), eq(versions.sha256, hash)));
    if (before) {
      // What made room comes back with the code that it belongs to; what an admin has hidden stays so.
      if (before.reasons.includes(MADE_ROOM)) {
        await retireOthers(tx, model.id, before.id);
        await tx.update(versions).set({ state: 'public', reasons: [] }).where(eq(versions.id, before.id));
        await recomputeAllOf(tx, before.id);
      }
      return before.id;
    }
    const list = [...contents].map(([file, bytes]) => ({ path: file, sha256: sha256(bytes), bytes: bytes.length }));
    const [version] = await tx
      .insert(versions)
      .values({
        ...{ modelId: model.id, number, sha256: hash, board, bytes: list.reduce((n, f) => n + f.bytes, 0) },
        ...{ description, recipe, epsilonTrained, licence },
      })
      .returning({ id: versions.id });
    const now = new Date();
    await tx.insert(files).values(list.map((f) => ({ ...f, versionId: version.id, arrivedAt: now })));
    const checked = await checkVersion(tx, blobs, version.id);
    if (!checked.ok) throw new Error(`public/models/${id}: ${checked.message}`);
    await tx.update(versions).set({ state: 'public', publishedAt: now }).where(eq(versions.id, version.id));
    await tx.insert(events).values({ kind: 'seeded', modelId: model.id, versionId: version.id, board });
    await retireOthers(tx, model.id, version.id);
    return version.id;
  });
}

/** The baseline of this name, with the number that its next version has; a new one where there is none yet. */
async function baselineModel(tx: Db, id: string): Promise<{ model: { id: string }; number: number }> {
  const [known] = await tx
    .select({ id: models.id, newest: max(versions.number) })
    .from(models)
    .innerJoin(versions, eq(versions.modelId, models.id))
    .where(and(eq(models.name, id), eq(models.baseline, true)))
    .groupBy(models.id)
    .limit(1);
  if (known) return { model: known, number: (known.newest ?? 0) + 1 };
  const [model] = await tx
    .insert(models)
    .values({ slug: await freeSlug(tx, id), name: id, baseline: true })
    .returning({ id: models.id });
  return { model, number: 1 };
}

/** A site that is older than the models that come with it now: their earlier versions make room on the boards. */
async function retireOthers(tx: Db, modelId: string, versionId: string): Promise<void> {
  const retired = await tx
    .update(versions)
    .set({ state: 'hidden', reasons: [MADE_ROOM] })
    .where(and(eq(versions.modelId, modelId), eq(versions.state, 'public'), ne(versions.id, versionId)))
    .returning({ id: versions.id, board: versions.board });
  for (const old of retired) {
    await tx
      .insert(events)
      .values({ kind: 'hidden', modelId, versionId: old.id, board: old.board, data: { reason: MADE_ROOM, bySite: true } });
    await recomputeAllOf(tx, old.id);
  }
}
