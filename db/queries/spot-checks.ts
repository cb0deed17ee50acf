/** Spot checks of claims: opened with the claim, attacked stage by stage by runners, settled by what their results say. */
import { randomInt } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { type Report, reportSchema } from '../../lib/protocol/report';
import { calledRobust } from '../../lib/protocol/spot-attack';
import { drawSamples, type SpotStage, spotState } from '../../lib/protocol/spot-check';
import type { Db } from '../client';
import { enqueue } from '../queue/jobs';
import { complete } from '../queue/leases';
import { enqueueVerification } from '../queue/verification';
import { events, runners, runs, type SpotCheck, spotChecks, spotResults, versions } from '../schema';
import { addWitnessesIn, mayJudge, type NewWitnessFile } from './witnesses';

type Claim = Pick<typeof runs.$inferSelect, 'id' | 'versionId' | 'board' | 'protocol'>;

const REASONS = {
  1: 'a claim of AutoAttack’s level is attacked again on samples that were drawn by lot',
  2: 'some of the drawn samples broke: more are drawn',
} as const;

const enqueueSpot = (tx: Db, { id, versionId, board, protocol }: Claim, stage: SpotStage) =>
  enqueue(tx, { kind: 'spot', runId: id, stage, versionId, board, protocol, reason: REASONS[stage] });

/**
 * Draws the samples of a claim that is stored, and queues the first stage: in the transaction that stores or publishes it.
 * Nothing where it calls no sample robust, or an approved run of that level is there already.
 */
export async function openSpotCheck(tx: Db, claim: Claim, report: Report): Promise<void> {
  const robust = calledRobust(report);
  if (robust.length === 0) return;
  const at = and(eq(runs.versionId, claim.versionId), eq(runs.board, claim.board), eq(runs.protocol, claim.protocol));
  const verified = and(at, eq(runs.kind, 'verification'), eq(runs.level, report.level), runs.full, isNull(runs.revokedAt));
  if ((await tx.$count(runs, verified)) > 0) return;
  const order = drawSamples(robust, (n) => randomInt(n));
  const [opened] = await tx
    .insert(spotChecks)
    .values({ runId: claim.id, robust: robust.length, order })
    .onConflictDoNothing()
    .returning({ runId: spotChecks.runId });
  if (opened) await enqueueSpot(tx, claim, 1);
}

/** The same for every claim of a version that becomes public. */
export async function openSpotChecks(tx: Db, versionId: string): Promise<void> {
  const claims = await tx
    .select()
    .from(runs)
    .where(and(eq(runs.versionId, versionId), eq(runs.kind, 'claim'), eq(runs.level, 'standard'), isNull(runs.revokedAt)));
  for (const claim of claims) await openSpotCheck(tx, claim, reportSchema.parse(JSON.parse(claim.report)));
}

/** A check with its claim; undefined where there is none, or the claim was revoked. */
export async function spotCheckById(db: Db, runId: string) {
  const [found] = await db
    .select({ check: spotChecks, run: runs })
    .from(spotChecks)
    .innerJoin(runs, eq(runs.id, spotChecks.runId))
    .where(and(eq(spotChecks.runId, runId), isNull(runs.revokedAt)));
  return found;
}

/** Recomputes where a check stands from the results that count, and queues what follows from it. */
async function settle(tx: Db, runId: string): Promise<SpotCheck | undefined> {
  const found = await spotCheckById(tx, runId);
  if (!found) return undefined;
  const { check, run } = found;
  const results = await tx
    .select({ stage: spotResults.stage, broken: spotResults.broken })
    .from(spotResults)
    .where(and(eq(spotResults.runId, runId), isNull(spotResults.revokedAt)));
  const state = spotState(check.robust, Object.fromEntries(results.map(({ stage, broken }) => [stage, broken])));
  const [settled] = await tx
    .update(spotChecks)
    .set({ ...state, endedAt: state.verdict === null ? null : sql`now()` })
    .where(eq(spotChecks.runId, runId))
    .returning();
  if (state.verdict === null) await enqueueSpot(tx, run, state.stage);
  else if (state.verdict !== check.verdict) {
    const [{ modelId }] = await tx.select({ modelId: versions.modelId }).from(versions).where(eq(versions.id, run.versionId));
    const { versionId, board, accountId } = run;
    const { verdict, attacked, broken } = state;
    const data = { verdict, attacked, broken, robust: check.robust };
    await tx.insert(events).values({ kind: 'spot-checked', modelId, versionId, board, runId, accountId, data });
    if (verdict === 'measure-in-full') await enqueueVerification(tx, { versionId, board, level: 'standard' }, 'spotted');
  }
  return settled;
}

export interface NewSpotResult {
  jobId: string;
  runId: string;
  stage: SpotStage;
  versionId: string;
  runnerId: string;
  signature: string;
  /** The exact bytes that came. */
  text: string;
  broken: number;
  /** The witnesses of what broke, and what puts their bytes in the blob store. */
  witnesses?: { file: NewWitnessFile; store: () => Promise<void> };
}

/**
 * Keeps a result, its witnesses and the end of its job, together or not at all; `lost`: the job is not the runner's any
 * more, or the check does not wait for this stage. The witnesses count once a runner has judged them, like anybody's.
 */
export async function keepSpotResult(db: Db, { jobId, witnesses, versionId, text, ...result }: NewSpotResult): Promise<SpotCheck | 'lost'> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // Its key may be being revoked just now; whoever comes second sees the other. Then the version, as everywhere, then the job.
    const [runner] = await tx.select().from(runners).where(eq(runners.id, result.runnerId)).for('share');
    if (!runner || !mayJudge(runner)) return 'lost';
    await tx.execute(sql`select 1 from ${versions} where ${versions.id} = ${versionId} for update`);
    if ((await complete(tx, jobId, result.runnerId)) !== 'done') return 'lost';
    const found = await spotCheckById(tx, result.runId);
    if (!found || found.check.verdict !== null || found.check.stage !== result.stage) return 'lost';
    const file = witnesses && (await addWitnessesIn(tx, witnesses.file, witnesses.store));
    await tx.insert(spotResults).values({ ...result, result: text, fileId: file?.id ?? null });
    return (await settle(tx, result.runId)) ?? 'lost';
  });
}

/** The check to which a result belongs that was taken before, whose answer was lost. */
export async function keptSpotResult(db: Db, runnerId: string, signature: string): Promise<SpotCheck | undefined> {
  const [kept] = await db
    .select({ check: spotChecks })
    .from(spotResults)
    .innerJoin(spotChecks, eq(spotChecks.runId, spotResults.runId))
    .where(and(eq(spotResults.runnerId, runnerId), eq(spotResults.signature, signature)));
  return kept?.check;
}

/** Versions whose checks a runner has a part in. */
export const spottedBy = (db: Db, runnerId: string) =>
  db
    .selectDistinct({ versionId: runs.versionId })
    .from(spotResults)
    .innerJoin(runs, eq(runs.id, spotResults.runId))
    .where(and(eq(spotResults.runnerId, runnerId), isNull(spotResults.revokedAt)));

/** Takes back what a runner has attacked, within the transaction that revokes its key; it is attacked again by another. */
export async function revokeSpotResults(tx: Db, runnerId: string, reason: string): Promise<void> {
  const revoked = await tx
    .update(spotResults)
    .set({ revokedAt: sql`now()`, revokedReason: reason })
    .where(and(eq(spotResults.runnerId, runnerId), isNull(spotResults.revokedAt)))
    .returning({ runId: spotResults.runId, stage: spotResults.stage });
  for (const runId of [...new Set(revoked.map((row) => row.runId))].sort()) {
    const [about] = await tx
      .select({ modelId: versions.modelId, versionId: runs.versionId, board: runs.board })
      .from(runs)
      .innerJoin(versions, eq(versions.id, runs.versionId))
      .where(eq(runs.id, runId));
    await tx.insert(events).values({ kind: 'spot-check-revoked', ...about, runId, data: { reason } });
    await settle(tx, runId);
  }
}

/** The results of a check that count, by stage. */
export const spotResultsOf = (db: Db, runId: string) =>
  db
    .select({ row: spotResults, runner: { name: runners.name, publicKey: runners.publicKey } })
    .from(spotResults)
    .leftJoin(runners, eq(runners.id, spotResults.runnerId))
    .where(and(eq(spotResults.runId, runId), isNull(spotResults.revokedAt)))
    .orderBy(spotResults.stage);
