/** Appending a run, and revoking one: both recompute the standing in their own transaction. */
import { createHash } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { isPreview } from '../../lib/protocol/preview';
import type { Report } from '../../lib/protocol/report';
import type { RunKind, Standing } from '../../lib/protocol/standing';
import type { Db } from '../client';
import { enqueueVerification } from '../queue/verification';
import { events, runs, standings, versions } from '../schema';
import { openSpotCheck } from './spot-checks';
import { recomputeStanding } from './standings';

export interface NewRun {
  versionId: string;
  kind: RunKind;
  accountId: string | null;
  /** The runner that signed the bytes, with its signature. */
  signed?: { runnerId: string; signature: string };
  /** The exact bytes that came, and what they say. */
  text: string;
  report: Report;
}

export interface AddedRun {
  runId: string;
  /** The same bytes were there already: nothing was added. */
  known: boolean;
  standing: Standing | null;
}

/** Bytes are a run once for each version: sent again, they find the first. */
export const addRun = (db: Db, run: NewRun): Promise<AddedRun> =>
  db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const added = await addRunIn(tx, run);
    if (run.kind === 'claim' && !added.known) await verifyClaim(tx, run, added.runId);
    return added;
  });

/** A claim on a public version is measured again, unless that board has been verified already; one of AutoAttack's level by lot, and in full when a GPU has nothing better to do. */
async function verifyClaim(tx: Db, { versionId, report }: NewRun, runId: string): Promise<void> {
  const { board, protocol } = report;
  const [version] = await tx.select({ state: versions.state }).from(versions).where(eq(versions.id, versionId));
  if (version.state !== 'public') return;
  const [row] = await tx
    .select({ state: standings.state, rankings: standings.rankings })
    .from(standings)
    .where(and(eq(standings.versionId, versionId), eq(standings.board, board), eq(standings.protocol, protocol)));
  if (!row || row.state === 'self-reported' || row.state === 'reproduced') await enqueueVerification(tx, { versionId, board }, 'claimed');
  await openSpotCheck(tx, { id: runId, versionId, board, protocol }, report);
  if (report.level !== 'standard' || isPreview(report) || row?.rankings.includes('autoattack')) return;
  await enqueueVerification(tx, { versionId, board, level: 'standard' }, 'autoattack');
}

/** The same within a transaction that does more. */
export async function addRunIn(tx: Db, { versionId, kind, accountId, signed, text, report }: NewRun): Promise<AddedRun> {
  const [version] = await tx.select({ modelId: versions.modelId }).from(versions).where(eq(versions.id, versionId)).for('update');
  const reportSha256 = createHash('sha256').update(text).digest('hex');
  const { board, protocol } = report;
  const [added] = await tx
    .insert(runs)
    .values({
      versionId,
      board,
      protocol,
      level: report.level,
      kind,
      accountId,
      ...(signed ? { runnerId: signed.runnerId, signature: signed.signature } : {}),
      full: !isPreview(report),
      samples: report.counts.samples,
      autoattackSamples: report.counts.autoattackSamples ?? null,
      trainSamples: report.counts.trainSamples,
      seed: report.seed,
      testSha256: report.data.test?.sha256 ?? null,
      trainSha256: report.data.train?.sha256 ?? null,
      cleanCorrect: report.clean?.correct ?? null,
      robustCorrect: report.robust?.correct ?? null,
      environment: report.environment,
      report: text,
      reportSha256,
      startedAt: new Date(report.startedAt),
      durationMs: report.durationMs,
    })
    .onConflictDoNothing({ target: [runs.versionId, runs.reportSha256] })
    .returning({ id: runs.id });
  if (!added) {
    const [known] = await tx
      .select({ id: runs.id })
      .from(runs)
      .where(and(eq(runs.versionId, versionId), eq(runs.reportSha256, reportSha256)));
    return { runId: known.id, known: true, standing: await recomputeStanding(tx, { versionId, board, protocol }) };
  }
  await tx
    .insert(events)
    .values({ kind: 'run-added', modelId: version.modelId, versionId, board, runId: added.id, accountId, data: { kind } });
  return { runId: added.id, known: false, standing: await recomputeStanding(tx, { versionId, board, protocol }) };
}

/** The run stays, with the reason; it counts for nothing from now on. False if it was revoked before or never was. */
export async function revokeRun(db: Db, runId: string, reason: string): Promise<boolean> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const [run] = await tx
      .update(runs)
      .set({ revokedAt: sql`now()`, revokedReason: reason })
      .where(and(eq(runs.id, runId), isNull(runs.revokedAt)))
      .returning();
    if (!run) return false;
    const { versionId, board, protocol } = run;
    // Locked before the event refers to it: two that did it the other way round would wait for each other.
    const [version] = await tx.select({ modelId: versions.modelId }).from(versions).where(eq(versions.id, versionId)).for('update');
    await tx.insert(events).values({ kind: 'run-revoked', modelId: version.modelId, versionId, board, runId, data: { reason } });
    await recomputeStanding(tx, { versionId, board, protocol });
    return true;
  });
}
