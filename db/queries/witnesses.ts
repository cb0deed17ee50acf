/** Witnesses come in, are judged by a runner, and move the standing at once. */
import { and, asc, count, desc, eq, exists, isNull, sql } from 'drizzle-orm';
import { robustCount } from '../../lib/protocol/counts';
import { unpackBitmap } from '../../lib/protocol/evidence';
import { outcomeOf, type WitnessVerdict } from '../../lib/protocol/witness-verdict';
import type { Db } from '../client';
import { enqueue } from '../queue/jobs';
import { complete } from '../queue/leases';
import {
  events,
  models,
  type Runner,
  runners,
  standings,
  users,
  versions,
  type WitnessFileRow,
  witnessFiles,
  witnessOutcomes,
  witnessVerdicts,
} from '../schema';
import { brokenByWitnesses } from './broken';
import { newestFirst, writeCursor } from './cursor';
import { type Page, readable } from './models';
import { recomputeStanding } from './standings';

export interface NewWitnessFile {
  versionId: string;
  board: string;
  protocol: string;
  /** The finder; null: this installation. */
  accountId: string | null;
  sha256: string;
  bytes: number;
  dataSha256: string;
  indices: number[];
}

const REASONS = {
  came: 'somebody sent adversarial images',
  again: 'the runner that judged these adversarial images was revoked',
} as const;

/** A file whose job ended without a verdict is queued once more. */
export const enqueueWitnesses = (
  tx: Db,
  { id, versionId, board, protocol }: Pick<WitnessFileRow, 'id' | 'versionId' | 'board' | 'protocol'>,
  why: keyof typeof REASONS,
) => enqueue(tx, { kind: 'witness', fileId: id, versionId, board, protocol, reason: REASONS[why] });

const standingVerdict = and(eq(witnessVerdicts.fileId, witnessFiles.id), isNull(witnessVerdicts.revokedAt));

/**
 * Keeps a file and queues its judgement, together or not at all; `store` puts its bytes in the blob store. The same bytes are
 * a file once: sent again they find the first, which is queued once more if it has never been judged.
 */
export const addWitnesses = (db: Db, file: NewWitnessFile, store: () => Promise<void>): Promise<{ id: string; known: boolean }> =>
  db.transaction((tx) => addWitnessesIn(tx as unknown as Db, file, store));

/** The same within a transaction that does more. */
export async function addWitnessesIn(tx: Db, file: NewWitnessFile, store: () => Promise<void>): Promise<{ id: string; known: boolean }> {
  const unique = [witnessFiles.versionId, witnessFiles.board, witnessFiles.protocol, witnessFiles.sha256];
  const [added] = await tx
    .insert(witnessFiles)
    .values({ ...file, split: 'test' })
    .onConflictDoNothing({ target: unique })
    .returning();
  const [row] = added
    ? [added]
    : await tx
        .select()
        .from(witnessFiles)
        .where(
          and(
            ...[eq(witnessFiles.versionId, file.versionId), eq(witnessFiles.board, file.board)],
            ...[eq(witnessFiles.protocol, file.protocol), eq(witnessFiles.sha256, file.sha256)],
          ),
        );
  if (added) await store();
  const [judged] = await tx
    .select({ id: witnessVerdicts.id })
    .from(witnessVerdicts)
    .where(and(eq(witnessVerdicts.fileId, row.id), isNull(witnessVerdicts.revokedAt)));
  if (!judged) await enqueueWitnesses(tx, row, 'came');
  return { id: row.id, known: !added };
}

/** Whether a verdict on the file stands. */
export const isJudged = async (db: Db, fileId: string): Promise<boolean> =>
  (await db.$count(witnessVerdicts, and(eq(witnessVerdicts.fileId, fileId), isNull(witnessVerdicts.revokedAt)))) > 0;

export const witnessFileById = async (db: Db, id: string) => (await db.select().from(witnessFiles).where(eq(witnessFiles.id, id)))[0];

export interface Judgement {
  jobId: string;
  file: WitnessFileRow;
  runnerId: string;
  signature: string;
  /** The exact bytes that came, and what they say. */
  text: string;
  verdict: WitnessVerdict;
}

/** Only the judgement of an approved runner counts, or of the installation's own. */
export const mayJudge = ({ local, approvedAt, revokedAt }: Pick<Runner, 'local' | 'approvedAt' | 'revokedAt'>): boolean =>
  revokedAt === null && (local || approvedAt !== null);

export interface Judged {
  /** Images that are broken, and of these the ones that the board took for robust until now. */
  broken: number;
  first: number;
  ambiguous: number;
  held: number;
}

/** Keeps a verdict, ends its job and recomputes the standing, together or not at all; `lost`: the job is not the runner's any more. */
export async function keepVerdict(db: Db, judgement: Judgement): Promise<Judged | 'lost'> {
  const { jobId, file, runnerId, signature, text, verdict } = judgement;
  const { versionId, board, protocol } = file;
  const key = { versionId, board, protocol };
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // Its key may be being revoked just now; whoever comes second sees the other. Then the version, as everywhere, then the job.
    const [judge] = await tx.select().from(runners).where(eq(runners.id, runnerId)).for('share');
    if (!judge || !mayJudge(judge)) return 'lost';
    const [{ modelId }] = await tx.select({ modelId: versions.modelId }).from(versions).where(eq(versions.id, versionId)).for('update');
    if ((await complete(tx, jobId, runnerId)) !== 'done') return 'lost';
    const [standing] = await tx
      .select({ runnerId: witnessVerdicts.runnerId, signature: witnessVerdicts.signature })
      .from(witnessVerdicts)
      .where(and(eq(witnessVerdicts.fileId, file.id), isNull(witnessVerdicts.revokedAt)));
    // Somebody's verdict stands already: the job ends, and one verdict is enough.
    if (standing) return (await keptJudgement(tx, standing.runnerId ?? '', standing.signature)) ?? 'lost';
    const known = await knownBroken(tx, key);
    const [{ id: verdictId }] = await tx
      .insert(witnessVerdicts)
      .values({ fileId: file.id, runnerId, signature, verdict: text })
      .returning({ id: witnessVerdicts.id });
    const outcomes = verdict.images.map(({ index, lead, predicted }) => {
      const outcome = outcomeOf(lead);
      return { verdictId, index, outcome, first: outcome === 'broken' && !known.has(index), lead, predicted };
    });
    await tx.insert(witnessOutcomes).values(outcomes);
    const counted = countOutcomes(outcomes);
    const before = await robustOf(tx, key);
    await recomputeStanding(tx, key);
    if (counted.first > 0) {
      const data = { file: file.id, images: counted.first, from: before, to: await robustOf(tx, key) };
      await tx.insert(events).values({ kind: 'witnesses-accepted', modelId, versionId, board, accountId: file.accountId, data });
    }
    return counted;
  });
}

/** What was answered to a verdict that was taken before, whose answer was lost. */
export async function keptJudgement(db: Db, runnerId: string, signature: string): Promise<Judged | undefined> {
  const rows = await db
    .select({ outcome: witnessOutcomes.outcome, first: witnessOutcomes.first })
    .from(witnessVerdicts)
    .innerJoin(witnessOutcomes, eq(witnessOutcomes.verdictId, witnessVerdicts.id))
    .where(and(eq(witnessVerdicts.runnerId, runnerId), eq(witnessVerdicts.signature, signature)));
  return rows.length ? countOutcomes(rows) : undefined;
}

function countOutcomes(outcomes: readonly { outcome: string; first: boolean }[]): Judged {
  const of = (outcome: string) => outcomes.filter((o) => o.outcome === outcome).length;
  return { broken: of('broken'), first: outcomes.filter((o) => o.first).length, ambiguous: of('ambiguous'), held: of('held') };
}

type Key = Pick<WitnessFileRow, 'versionId' | 'board' | 'protocol'>;
const at = ({ versionId, board, protocol }: Key) =>
  and(eq(standings.versionId, versionId), eq(standings.board, board), eq(standings.protocol, protocol));

const robustOf = async (tx: Db, key: Key) =>
  (await tx.select({ robust: standings.robust }).from(standings).where(at(key)))[0]?.robust ?? null;

/** Images that are broken by what was accepted before: by witnesses, or by a run that the board shows. */
async function knownBroken(tx: Db, key: Key): Promise<Set<number>> {
  const known = await brokenByWitnesses(tx, key);
  const { samples, autoattackSamples, pgdBits, robustBits } = standings;
  const [row] = await tx.select({ samples, autoattackSamples, pgdBits, robustBits }).from(standings).where(at(key));
  // AutoAttack, and best known with it, may be of the first images only; what PGD broke of the others is known as well.
  const note = (bits: Uint8Array | null, count: number) =>
    (bits ? unpackBitmap(bits, count) : []).forEach((held, index) => {
      if (!held) known.add(index);
    });
  if (row) {
    note(row.pgdBits, row.samples);
    note(row.robustBits, robustCount(row));
  }
  return known;
}

/** Takes back what a runner has judged, within the transaction that revokes its key; what it judged is judged again. */
export async function revokeVerdicts(tx: Db, runnerId: string, reason: string): Promise<void> {
  const revoked = await tx
    .update(witnessVerdicts)
    .set({ revokedAt: sql`now()`, revokedReason: reason })
    .where(and(eq(witnessVerdicts.runnerId, runnerId), isNull(witnessVerdicts.revokedAt)))
    .returning({ id: witnessVerdicts.id, fileId: witnessVerdicts.fileId });
  for (const { fileId } of revoked) {
    const [file] = await tx
      .select({ file: witnessFiles, modelId: versions.modelId })
      .from(witnessFiles)
      .innerJoin(versions, eq(versions.id, witnessFiles.versionId))
      .where(eq(witnessFiles.id, fileId));
    const { versionId, board } = file.file;
    await tx.insert(events).values({
      kind: 'witnesses-revoked',
      modelId: file.modelId,
      versionId,
      board,
      accountId: file.file.accountId,
      data: { file: fileId, reason },
    });
    await enqueueWitnesses(tx, file.file, 'again');
  }
}

/** Where a runner's verdicts stand. */
export const judgedBy = (db: Db, runnerId: string) =>
  db
    .selectDistinct({ versionId: witnessFiles.versionId, board: witnessFiles.board, protocol: witnessFiles.protocol })
    .from(witnessFiles)
    .innerJoin(witnessVerdicts, standingVerdict)
    .where(eq(witnessVerdicts.runnerId, runnerId));

const counts = (db: Db) => {
  const of = (what: ReturnType<typeof and>) => db.$count(witnessOutcomes, and(eq(witnessOutcomes.verdictId, witnessVerdicts.id), what));
  return {
    broken: of(eq(witnessOutcomes.outcome, 'broken')),
    first: of(eq(witnessOutcomes.first, true)),
    ambiguous: of(eq(witnessOutcomes.outcome, 'ambiguous')),
    held: of(eq(witnessOutcomes.outcome, 'held')),
  };
};

const shown = (db: Db) => ({
  ...{ id: witnessFiles.id, model: models.slug, version: versions.number, board: witnessFiles.board, protocol: witnessFiles.protocol },
  ...{ by: users.name, sha256: witnessFiles.sha256, bytes: witnessFiles.bytes, createdAt: witnessFiles.createdAt },
  ...{ images: sql<number>`jsonb_array_length(${witnessFiles.indices})`, judgedAt: witnessVerdicts.createdAt, runner: runners.name },
  ...counts(db),
});

/** A file of a version that everybody sees, with what became of it; undefined where there is none. */
export async function witnessesById(db: Db, id: string) {
  const [row] = await db
    .select({ ...shown(db), verdictId: witnessVerdicts.id })
    .from(witnessFiles)
    .innerJoin(versions, eq(versions.id, witnessFiles.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(users, eq(users.id, witnessFiles.accountId))
    .leftJoin(witnessVerdicts, standingVerdict)
    .leftJoin(runners, eq(runners.id, witnessVerdicts.runnerId))
    .where(and(eq(witnessFiles.id, id), readable(null)));
  if (!row) return undefined;
  const { verdictId, ...rest } = row;
  const outcomes = verdictId
    ? await db
        .select({
          ...{ index: witnessOutcomes.index, outcome: witnessOutcomes.outcome, first: witnessOutcomes.first },
          ...{ lead: witnessOutcomes.lead, predicted: witnessOutcomes.predicted },
        })
        .from(witnessOutcomes)
        .where(eq(witnessOutcomes.verdictId, verdictId))
        .orderBy(asc(witnessOutcomes.index))
    : [];
  return { ...rest, outcomes };
}

const breaks = (db: Db) =>
  exists(
    db
      .select({ one: sql`1` })
      .from(witnessOutcomes)
      .where(and(eq(witnessOutcomes.verdictId, witnessVerdicts.id), eq(witnessOutcomes.outcome, 'broken'))),
  );

/** Accepted files of a model's public versions, those that break an image, newest first; `next` is there if there are more. */
export async function acceptedWitnesses(db: Db, slug: string, { limit, cursor, board }: Page & { board?: string }) {
  const { key, order, beyond } = newestFirst(witnessFiles.createdAt, witnessFiles.id, cursor);
  const found = await db
    .select({ ...shown(db), key })
    .from(witnessFiles)
    .innerJoin(versions, eq(versions.id, witnessFiles.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .innerJoin(witnessVerdicts, standingVerdict)
    .leftJoin(users, eq(users.id, witnessFiles.accountId))
    .leftJoin(runners, eq(runners.id, witnessVerdicts.runnerId))
    .where(and(eq(models.slug, slug), readable(null), board ? eq(witnessFiles.board, board) : undefined, breaks(db), beyond))
    .orderBy(order)
    .limit(limit + 1);
  const last = found[limit - 1];
  return {
    rows: found.slice(0, limit).map(({ key: _, ...row }) => row),
    ...(found.length > limit ? { next: writeCursor(last.key, last.id) } : {}),
  };
}

/** Whether everybody may have these bytes: an accepted file of a public version of the model. */
export async function isAcceptedFile(db: Db, slug: string, sha256: string): Promise<boolean> {
  const rows = await db
    .select({ id: witnessFiles.id })
    .from(witnessFiles)
    .innerJoin(versions, eq(versions.id, witnessFiles.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .innerJoin(witnessVerdicts, standingVerdict)
    .where(and(eq(models.slug, slug), eq(witnessFiles.sha256, sha256), readable(null), breaks(db)))
    .limit(1);
  return rows.length > 0;
}

/** Who has broken how many images first, the most first. */
export const finders = (db: Db, key: Key) =>
  db
    .select({ by: users.name, images: count() })
    .from(witnessFiles)
    .innerJoin(witnessVerdicts, standingVerdict)
    .innerJoin(witnessOutcomes, and(eq(witnessOutcomes.verdictId, witnessVerdicts.id), eq(witnessOutcomes.first, true)))
    .leftJoin(users, eq(users.id, witnessFiles.accountId))
    .where(and(eq(witnessFiles.versionId, key.versionId), eq(witnessFiles.board, key.board), eq(witnessFiles.protocol, key.protocol)))
    .groupBy(users.id, users.name)
    .orderBy(desc(count()));
