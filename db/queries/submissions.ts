/** A submission's way onto the board: described, its files sent one by one, checked by the server, published. */
import { and, count, desc, eq, inArray, isNotNull, isNull, ne, notExists, or, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { enqueueVerification } from '../queue/verification';
import { events, files, models, type Recipe, runs, standings, users, type VersionState, versions } from '../schema';
import { noteNearDuplicate } from './duplicates';
import { markFilesLoose } from './loose-blobs';
import { freeSlug } from './slugs';
import { openSpotChecks } from './spot-checks';

export interface SubmittedFile {
  path: string;
  sha256: string;
  bytes: number;
}

export interface Details {
  description: string;
  recipe: Recipe;
  extraData: string | null;
  epsilonTrained: number | null;
  paperUrl: string | null;
  codeUrl: string | null;
  licence: string;
}

export interface NewSubmission extends Details {
  accountId: string;
  /** Of a model of its own, or of `modelSlug`, if it is said at all. */
  name?: string;
  /** An own model that this is the next version of. */
  modelSlug?: string;
  board: string;
  sha256: string;
  files: SubmittedFile[];
}

const detailsOf = ({ description, recipe, extraData, epsilonTrained, paperUrl, codeUrl, licence }: Details): Details => ({
  ...{ description, recipe, extraData, epsilonTrained, paperUrl, codeUrl, licence },
});

export interface Submission {
  versionId: string;
  slug: string;
  number: number;
  state: (typeof versions.$inferSelect)['state'];
  /** Hashes of files whose bytes are still to be sent. */
  missing: string[];
}

export type Refusal = { ok: false; code: string; message: string };
export type Outcome<T> = { ok: true; value: T } | Refusal;
export const refuse = (code: string, message: string): Refusal => ({ ok: false, code, message });

/** Unfinished or unpublished versions that an account may have at a time. */
export const MAX_DRAFTS = 50;
const NEVER_PUBLIC: VersionState[] = ['uploading', 'draft', 'refused'];

/**
 * Begins a submission, or finds the same one again after an interruption (same account, same weights, same model).
 * Bytes that the account may read already (its own, or public ones) need not be sent again; knowing a hash of somebody's
 * draft is not enough, or a listing of hashes would open it.
 */
export async function beginSubmission(db: Db, input: NewSubmission): Promise<Outcome<Submission>> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await begin(db, input);
    } catch (error) {
      // Somebody else took the same slug in this moment; the next try sees it.
      if (attempt === 4 || !isUniqueViolation(error, 'models_slug_unique')) throw error;
    }
  }
}

function begin(db: Db, input: NewSubmission): Promise<Outcome<Submission>> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // One at a time for each account: the same submission sent twice at once is begun once.
    await tx.execute(sql`select 1 from ${users} where ${users.id} = ${input.accountId} for no key update`);
    const resumed = await findUnfinished(tx, input);
    if (resumed) {
      await describeAgain(tx, resumed, input);
      return { ok: true, value: await submissionOf(tx, resumed) };
    }
    const twin = await publicTwin(tx, input.sha256);
    if (twin) return refuse('duplicate-model', `these weights are on the site already, as ${twin}`);
    const [{ drafts }] = await tx
      .select({ drafts: count() })
      .from(versions)
      .innerJoin(models, eq(models.id, versions.modelId))
      .where(and(eq(models.ownerId, input.accountId), inArray(versions.state, NEVER_PUBLIC)));
    if (drafts >= MAX_DRAFTS)
      return refuse('too-many-drafts', `there are ${drafts} unpublished versions already; publish or delete one first`);
    const model = await modelFor(tx, input);
    if (!model.ok) return model;
    const { modelId, number } = model.value;
    const [version] = await tx
      .insert(versions)
      .values({
        ...{ modelId, number, sha256: input.sha256, board: input.board },
        bytes: input.files.reduce((n, f) => n + f.bytes, 0),
        ...detailsOf(input),
      })
      .returning({ id: versions.id });
    await listFiles(tx, version.id, input);
    await tx.insert(events).values({ kind: 'submitted', modelId, versionId: version.id, board: input.board, accountId: input.accountId });
    return { ok: true, value: await submissionOf(tx, version.id) };
  });
}

/** One that was interrupted, be it after the last step, when it is public and only the answer got lost. */
async function findUnfinished(tx: Db, { accountId, sha256, modelSlug, name }: NewSubmission): Promise<string | undefined> {
  const same = modelSlug ? eq(models.slug, modelSlug) : eq(models.name, name ?? '');
  const [row] = await tx
    .select({ id: versions.id })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(
      and(eq(models.ownerId, accountId), eq(versions.sha256, sha256), or(ne(versions.state, 'public'), same), ...(modelSlug ? [same] : [])),
    )
    .orderBy(desc(eq(versions.state, 'public')), versions.createdAt)
    .limit(1);
  // What was refused once is looked at again: the checks may have become better.
  if (row)
    await tx
      .update(versions)
      .set({ state: 'uploading', reasons: [] })
      .where(and(eq(versions.id, row.id), eq(versions.state, 'refused')));
  return row?.id;
}

/** The files that a version consists of; bytes that its owner may read already have arrived. */
async function listFiles(tx: Db, versionId: string, { accountId, files: list }: NewSubmission): Promise<void> {
  const known = await readableFiles(
    tx,
    accountId,
    list.map((f) => f.sha256),
  );
  await markFilesLoose(tx, versionId);
  await tx.delete(files).where(eq(files.versionId, versionId));
  await tx.insert(files).values(list.map((f) => ({ ...f, versionId, arrivedAt: known.has(`${f.sha256} ${f.bytes}`) ? sql`now()` : null })));
}

/** What its owner says now counts, until others see it. On another board it has to be checked again. */
async function describeAgain(tx: Db, versionId: string, input: NewSubmission): Promise<void> {
  const { name, board } = input;
  const [version] = await tx.select().from(versions).where(eq(versions.id, versionId));
  if (version.state === 'public') return;
  if (version.state === 'uploading') await listFiles(tx, versionId, input);
  const moved = version.board === board ? {} : ({ board, state: 'uploading' } as const);
  await tx
    .update(versions)
    .set({ ...detailsOf(input), ...moved })
    .where(eq(versions.id, versionId));
  if (name === undefined) return;
  const seen = tx
    .select({ id: versions.id })
    .from(versions)
    .where(and(eq(versions.modelId, version.modelId), eq(versions.state, 'public')));
  await tx
    .update(models)
    .set({ name })
    .where(and(eq(models.id, version.modelId), notExists(seen)));
}

/** Slug of the public model with these weights. */
export async function publicTwin(db: Db, sha256: string): Promise<string | undefined> {
  const [twin] = await db
    .select({ slug: models.slug })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(and(eq(versions.sha256, sha256), eq(versions.state, 'public')));
  return twin?.slug;
}

async function modelFor(tx: Db, { accountId, modelSlug, name }: NewSubmission): Promise<Outcome<{ modelId: string; number: number }>> {
  if (modelSlug !== undefined) {
    const [own] = await tx
      .select()
      .from(models)
      .where(and(eq(models.slug, modelSlug), eq(models.ownerId, accountId)))
      .for('update');
    if (!own) return refuse('not-found', `there is no model ${modelSlug} of yours`);
    if (name !== undefined && name !== own.name)
      return refuse('bad-request', `name: ${own.slug} is called ${own.name}; leave the name out, or submit this as a model of its own`);
    const [{ last }] = await tx
      .select({ last: sql<number>`coalesce(max(${versions.number}), 0)::int` })
      .from(versions)
      .where(eq(versions.modelId, own.id));
    return { ok: true, value: { modelId: own.id, number: last + 1 } };
  }
  if (name === undefined) return refuse('bad-request', 'name: a new model needs one');
  const slug = await freeSlug(tx, name);
  const [model] = await tx.insert(models).values({ slug, name, ownerId: accountId }).returning({ id: models.id });
  return { ok: true, value: { modelId: model.id, number: 1 } };
}

/** Of these hashes, those whose bytes arrived with a public version or with one of the account's own. */
async function readableFiles(tx: Db, accountId: string, hashes: string[]): Promise<Set<string>> {
  const rows = await tx
    .selectDistinct({ sha256: files.sha256, bytes: files.bytes })
    .from(files)
    .innerJoin(versions, eq(versions.id, files.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(and(inArray(files.sha256, hashes), isNotNull(files.arrivedAt), or(eq(versions.state, 'public'), eq(models.ownerId, accountId))));
  return new Set(rows.map((r) => `${r.sha256} ${r.bytes}`));
}

export async function submissionOf(db: Db, versionId: string): Promise<Submission> {
  const [version] = await db
    .select({ slug: models.slug, number: versions.number, state: versions.state })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(versions.id, versionId));
  const missing = await db
    .selectDistinct({ sha256: files.sha256 })
    .from(files)
    .where(and(eq(files.versionId, versionId), isNull(files.arrivedAt)))
    .orderBy(files.sha256);
  return { versionId, ...version, missing: missing.map((f) => f.sha256) };
}

/** The account's own version, or undefined: somebody else's draft is not there for others. */
export async function ownVersion(db: Db, accountId: string, versionId: string) {
  const [row] = await db
    .select({ version: versions, slug: models.slug, name: models.name })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(and(eq(versions.id, versionId), eq(models.ownerId, accountId)));
  return row;
}

export async function recordArrival(db: Db, versionId: string, sha256: string): Promise<void> {
  await db
    .update(files)
    .set({ arrivedAt: sql`now()` })
    .where(and(eq(files.versionId, versionId), eq(files.sha256, sha256), isNull(files.arrivedAt)));
}

/** A checked draft becomes public. Of two with the same weights at once, one wins. */
export async function publish(db: Db, accountId: string, versionId: string): Promise<Outcome<Submission>> {
  try {
    return await db.transaction(async (transaction) => {
      const tx = transaction as unknown as Db;
      const [version] = await tx
        .update(versions)
        .set({ state: 'public', publishedAt: sql`now()` })
        .where(and(eq(versions.id, versionId), eq(versions.state, 'draft')))
        .returning();
      if (!version) {
        const now = await submissionOf(tx, versionId);
        if (now.state === 'public') return { ok: true, value: now };
        return refuse('not-ready', `the version is ${now.state}; only a checked draft can be published`);
      }
      await noteNearDuplicate(tx, versionId);
      await tx.update(standings).set({ listed: true, updatedAt: sql`now()` }).where(eq(standings.versionId, versionId));
      await tx.insert(events).values({ kind: 'published', modelId: version.modelId, versionId, board: version.board, accountId });
      // Whoever publishes is measured again: on the board that was named, and on others that were claimed as a draft.
      const claimed = await tx
        .selectDistinct({ board: runs.board, level: runs.level, full: runs.full })
        .from(runs)
        .where(and(eq(runs.versionId, versionId), eq(runs.kind, 'claim')));
      for (const board of new Set([version.board, ...claimed.map((run) => run.board)]))
        await enqueueVerification(tx, { versionId, board }, 'published');
      const standard = claimed.filter(({ level, full }) => level === 'standard' && full);
      for (const board of new Set(standard.map((run) => run.board)))
        await enqueueVerification(tx, { versionId, board, level: 'standard' }, 'autoattack');
      await openSpotChecks(tx, versionId);
      return { ok: true, value: await submissionOf(tx, versionId) };
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'versions_public_sha256')) throw error;
    return refuse('duplicate-model', 'these weights have been published on the site already');
  }
}

export function isUniqueViolation(error: unknown, constraint: string): boolean {
  const cause = (error as { cause?: { code?: string; constraint?: string } }).cause;
  return cause?.code === '23505' && cause.constraint === constraint;
}

/** Removes a version that never was public, and the model if it was its last one. */
export async function discard(db: Db, versionId: string): Promise<boolean> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    await markFilesLoose(tx, versionId);
    const [gone] = await tx
      .delete(versions)
      .where(and(eq(versions.id, versionId), inArray(versions.state, NEVER_PUBLIC)))
      .returning({ modelId: versions.modelId });
    if (!gone) return false;
    const [{ left }] = await tx.select({ left: count() }).from(versions).where(eq(versions.modelId, gone.modelId));
    if (left === 0) await tx.delete(models).where(eq(models.id, gone.modelId));
    return true;
  });
}
