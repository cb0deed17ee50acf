/** Recomputes where a version stands, in the transaction that adds or revokes evidence. */
import { and, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import { collapseScore } from '../../lib/protocol/collapse-score';
import { sharedCount, testCount } from '../../lib/protocol/counts';
import { fromBase64, packBitmap, unpackBitmap } from '../../lib/protocol/evidence';
import { wilson95 } from '../../lib/protocol/interval';
import { isRaised, type Report, reportSchema } from '../../lib/protocol/report';
import { type EvidenceRun, type Standing, standing } from '../../lib/protocol/standing';
import type { Db } from '../client';
import { events, models, type Runner, runners, runs, standings, versions } from '../schema';
import { brokenByWitnesses } from './broken';

export interface StandingKey {
  versionId: string;
  board: string;
  protocol: string;
}

type RunRow = typeof runs.$inferSelect;
type StandingRow = typeof standings.$inferInsert;

/**
 * `tx` must be a transaction: the version's row is locked, so that of two at once the second sees the first one's run.
 * A version without evidence on the board has no row there.
 */
export async function recomputeStanding(tx: Db, key: StandingKey): Promise<Standing | null> {
  await tx.execute(sql`select 1 from ${versions} where ${versions.id} = ${key.versionId} for update`);
  const [owner] = await tx
    .select({ id: models.ownerId, modelId: models.id, state: versions.state, disqualified: versions.disqualified })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(versions.id, key.versionId));
  const rows = await tx
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.versionId, key.versionId),
        eq(runs.board, key.board),
        eq(runs.protocol, key.protocol),
        isNull(runs.revokedAt),
        ne(runs.kind, 'curves'),
      ),
    );
  const signers = [...new Set(rows.flatMap(({ runnerId }) => runnerId ?? []))];
  const known = signers.length ? await tx.select().from(runners).where(inArray(runners.id, signers)) : [];
  const signer = new Map(known.map((runner) => [runner.id, runner]));
  const at = and(eq(standings.versionId, key.versionId), eq(standings.board, key.board), eq(standings.protocol, key.protocol));
  const [before] = await tx.select({ state: standings.state }).from(standings).where(at);
  const reports = new Map(rows.map((row) => [row.id, reportSchema.parse(JSON.parse(row.report))]));
  const result = standing(
    owner.id,
    rows.map((row) => evidenceOf(row, reports.get(row.id) as Report, signer.get(row.runnerId ?? ''))),
    owner.disqualified === null ? {} : { disqualified: owner.disqualified },
  );
  if (!result) {
    await tx.delete(standings).where(at);
  } else {
    const run = rows.find((row) => row.id === result.runId) as RunRow;
    const report = reports.get(run.id) as Report;
    const believed = rows.filter((row) => result.basis.includes(row.id) && (row.kind === 'verification' || row.kind === 'baseline'));
    const best = bestKnown(
      report,
      believed.map((row) => reports.get(row.id) as Report),
      await brokenByWitnesses(tx, key),
    );
    const values = { ...key, listed: owner.state === 'public', ...standingValues(run, report, result), ...best };
    await tx
      .insert(standings)
      .values(values)
      .onConflictDoUpdate({
        target: [standings.versionId, standings.board, standings.protocol],
        set: { ...values, updatedAt: sql`now()` },
      });
  }
  if (before?.state !== result?.state) {
    await tx.insert(events).values({
      kind: 'state-changed',
      modelId: owner.modelId,
      versionId: key.versionId,
      board: key.board,
      ...(result ? { runId: result.runId } : {}),
      data: { from: before?.state ?? null, to: result?.state ?? null, ...(result?.reason ? { reason: result.reason } : {}) },
    });
  }
  return result;
}

function evidenceOf(row: RunRow, report: Report, runner: Runner | undefined): EvidenceRun {
  return {
    id: row.id,
    kind: row.kind,
    accountId: row.accountId,
    ownerId: runner?.ownerId ?? null,
    // What was measured on a processor has none, whatever its machine has now.
    architecture: report.environment.backend === 'webgpu' ? (runner?.architecture ?? null) : null,
    full: row.full,
    approved: runner !== undefined && runner.revokedAt === null && (runner.local || runner.approvedAt !== null),
    byInstallation: runner?.local ?? false,
    raisedFlags: report.flags.filter(isRaised).map((f) => f.id),
    receivedAtMs: row.createdAt.getTime(),
    report,
  };
}

/** Outcomes that hold under every one of the conditions, of the first images that all of them ran on. */
function heldUnder({ evidence, counts }: Report, conditions: readonly string[]): boolean[] | null {
  const samples = sharedCount(conditions, counts);
  const maps = conditions.flatMap((c) => (evidence[c] === undefined ? [] : [unpackBitmap(fromBase64(evidence[c]), samples)]));
  if (maps.length < conditions.length) return null;
  return Array.from({ length: samples }, (_, i) => maps.every((m) => m[i]));
}

/** Conditions that count into the robust accuracy of a report. */
const counted = ({ robust }: Pick<Report, 'robust'>) => ['clean', ...Object.keys(robust?.brokenBy ?? {})];

/**
 * Best-known robust accuracy: what holds, of the first images that all attacks of the shown run ran on, under all accepted
 * evidence, which is that run's, that of every other run that the state rests on (each attack on as many as it ran on), and
 * every witness. Null where no attack was run.
 */
function bestKnown(shown: Report, believed: readonly Report[], broken: ReadonlySet<number>) {
  const own = shown.robust ? heldUnder(shown, counted(shown)) : null;
  if (!own) return { robust: null, robustLow: null, robustHigh: null, robustBits: null };
  const samples = own.length;
  const maps = believed
    .filter((report) => report.robust)
    .flatMap(({ robust, evidence, counts }) =>
      counted({ robust }).flatMap((condition) =>
        evidence[condition] === undefined ? [] : [unpackBitmap(fromBase64(evidence[condition]), testCount(condition, counts))],
      ),
    );
  const holds = own.map((held, i) => held && !broken.has(i) && maps.every((map) => map[i] !== 0));
  const count = holds.filter(Boolean).length;
  const [robustLow, robustHigh] = wilson95(count, samples) ?? [null, null];
  return { robust: count / samples, robustLow, robustHigh, robustBits: packBitmap(holds) };
}

const share = (holds: readonly boolean[] | null) => (holds ? holds.filter(Boolean).length / holds.length : null);

/** The attacks of level `standard` (contract §2); AutoAttack's number is there when all of them were run. */
const AUTOATTACK = ['apgd-ce', 'apgd-t', 'fab-t', 'square'];

type BestKnown = ReturnType<typeof bestKnown>;

/** What the board shows of a run alone. */
function standingValues(run: RunRow, report: Report, result: Standing): Omit<StandingRow, keyof StandingKey | keyof BestKnown | 'listed'> {
  const { samples, autoattackSamples = null, trainSamples } = report.counts;
  const { classes } = report.model;
  const clean = report.collapse?.clean;
  const adversarial = report.collapse?.['pgd-10'];
  const pgd = heldUnder(report, ['clean', 'pgd-10', 'pgd-margin']);
  const nc2 = clean && [clean.nc2NormMeans, clean.nc2NormWeights, clean.nc2AngleMeans, clean.nc2AngleWeights];
  return {
    state: result.state,
    reason: result.reason ?? null,
    rankings: result.rankings,
    runId: run.id,
    basis: result.basis,
    full: run.full,
    samples,
    autoattackSamples,
    trainSamples,
    clean: report.clean?.accuracy ?? null,
    pgd10: report.attacks['pgd-10']?.accuracy ?? null,
    pgd: share(pgd),
    autoattack: share(heldUnder(report, ['clean', ...AUTOATTACK])),
    nc1: clean?.nc1 ?? null,
    nc2: nc2?.every((v) => v !== null) ? nc2.reduce<number>((sum, v) => sum + (v ?? 0), 0) / nc2.length : null,
    nc3: clean?.nc3 ?? null,
    nc4: clean?.nc4 ?? null,
    nc1Adversarial: adversarial?.nc1 ?? null,
    meansRank: clean?.rank ?? null,
    collapse: clean ? (collapseScore(clean, classes, 'clean')?.score ?? null) : null,
    collapseAdversarial: adversarial ? (collapseScore(adversarial, classes, 'pgd-10')?.score ?? null) : null,
    flags: result.raisedFlags,
    pgdBits: pgd && packBitmap(pgd),
    // A claimant's clock may say anything; the database's own does not.
    measuredAt: run.kind === 'baseline' ? run.startedAt : run.createdAt,
  };
}
