/** The daily check of a runner on a pinned reference model, handed out, watched and judged like any other job. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { filesOf, versionBySha256 } from '@/db/queries/models';
import { beginCheck, endCheck, referenceStanding, runningCheck } from '@/db/queries/runner-checks';
import { models, type Runner, type RunnerCheck, runnerChecks, runners, versions } from '@/db/schema';
import { BOARDS, PROTOCOL } from '@/lib/protocol/boards';
import { REFERENCES, type Reference, referenceOutcome } from '@/lib/protocol/reference-check';
import { type Report, reportSchema } from '@/lib/protocol/report';
import { acceptableReport } from './acceptable-report';
import { Problem } from './problem';

const pinned = new Map<string, Promise<Report>>();

/** Part of this code; read once. */
function pinnedReport(model: string): Promise<Report> {
  const known = pinned.get(model);
  if (known) return known;
  const read = readFile(path.join(process.cwd(), 'db/references', `${model}.json`), 'utf8').then((text) =>
    reportSchema.parse(JSON.parse(text)),
  );
  pinned.set(model, read);
  read.catch(() => pinned.delete(model));
  return read;
}

/** References that are here, on data that this site has models for: nobody has to fetch images that nothing here needs. */
async function wanted(db: Db): Promise<Reference[]> {
  const hashes = await Promise.all(REFERENCES.map(async ({ model }) => (await pinnedReport(model)).model.sha256));
  const [used, there] = await Promise.all([
    db
      .selectDistinct({ board: versions.board })
      .from(versions)
      .innerJoin(models, eq(models.id, versions.modelId))
      .where(and(eq(versions.state, 'public'), eq(models.baseline, false))),
    db
      .select({ sha256: versions.sha256 })
      .from(versions)
      .where(and(inArray(versions.sha256, hashes), eq(versions.state, 'public'))),
  ]);
  const datasets = new Set(['glyphs', ...used.map(({ board }) => BOARDS.get(board)?.dataset)]);
  const here = new Set(there.map((v) => v.sha256));
  return REFERENCES.filter(({ board }, i) => here.has(hashes[i]) && datasets.has(BOARDS.get(board)?.dataset));
}

/** What a check asks for, in the shape of a verification; undefined where the reference model is not on this site. */
export async function checkAskedFor(db: Db, { model, board }: Pick<RunnerCheck, 'model' | 'board'>) {
  const report = await pinnedReport(model);
  const version = await versionBySha256(db, report.model.sha256, null);
  if (!version) return undefined;
  const { level, seed, restarts, counts } = report;
  return {
    kind: 'verification' as const,
    model: { sha256: report.model.sha256, files: await filesOf(db, version.version.id) },
    ...{ board, protocol: PROTOCOL, level, seed, restarts, samples: counts.samples, trainSamples: counts.trainSamples },
    ...(counts.autoattackSamples === undefined ? {} : { autoattackSamples: counts.autoattackSamples }),
    attacks: Object.keys(report.evidence).filter((condition) => condition !== 'clean'),
    ...{ layers: false, checks: false },
  };
}

/** Which check is due for a runner, whether it comes before the queue's work, and whether it may have that work at all. */
export async function checksOf(db: Db, runner: Runner) {
  const approved = runner.local || runner.approvedAt !== null;
  const { due, pressing, drifted } = await referenceStanding(db, runner.id, await wanted(db));
  const mayWork = approved && !drifted;
  return { due, first: pressing || !mayWork, mayWork };
}

/** A check for this runner: the one under way, or one that begins now; undefined where the reference is not on this site. */
export async function leaseCheck(db: Db, runner: Runner, seconds: number, due?: Reference) {
  const check = due ? await beginCheck(db, runner.id, due, seconds) : await runningCheck(db, runner.id);
  if (!check) return undefined;
  const asked = await checkAskedFor(db, check);
  if (asked) return { id: check.id, attempt: 1, leaseSeconds: seconds, ...asked };
  await endCheck(db, check.id, runner.id, { outcome: 'released' });
  return undefined;
}

/** A check of the runner by its id, under way or ended. */
export async function checkById(db: Db, id: string, runnerId: string): Promise<RunnerCheck | undefined> {
  const [row] = await db
    .select()
    .from(runnerChecks)
    .where(and(eq(runnerChecks.id, id), eq(runnerChecks.runnerId, runnerId)));
  return row;
}

/** The version that a check under way is about, where any runner of the caller measures it. */
export async function checkOfOwner(db: Db, id: string, { ownerId, local }: { ownerId: string | null; local: boolean }) {
  const [row] = await db
    .select({ model: runnerChecks.model })
    .from(runnerChecks)
    .innerJoin(runners, eq(runners.id, runnerChecks.runnerId))
    .where(
      and(
        eq(runnerChecks.id, id),
        isNull(runnerChecks.endedAt),
        eq(runners.local, local),
        ownerId === null ? isNull(runners.ownerId) : eq(runners.ownerId, ownerId),
      ),
    );
  if (!row) return undefined;
  const found = await versionBySha256(db, (await pinnedReport(row.model)).model.sha256, null);
  return found && { versionId: found.version.id };
}

/** Judges and keeps what a runner measured of a reference. Undefined: it is not under way any more. */
export async function keepCheck(db: Db, check: RunnerCheck, signature: string, text: string) {
  const { report } = await acceptableReport(text, null);
  const asked = await pinnedReport(check.model);
  for (const key of ['protocol', 'board', 'level', 'seed', 'restarts'] as const)
    if (report[key] !== asked[key]) throw new Problem('other-job', `${key}: ${report[key]}, the job asked for ${asked[key]}`);
  if (report.model.sha256 !== asked.model.sha256)
    throw new Problem('other-job', `model: ${report.model.sha256}, the job asked for ${asked.model.sha256}`);
  for (const key of ['samples', 'autoattackSamples', 'trainSamples'] as const)
    if (report.counts[key] !== asked.counts[key])
      throw new Problem('other-job', `counts.${key}: ${report.counts[key]}, the job asked for ${asked.counts[key]}`);
  for (const attack of Object.keys(asked.evidence))
    if (!(attack in report.evidence)) throw new Problem('other-job', `evidence.${attack}: it is missing`);
  const details = referenceOutcome(asked, report);
  return endCheck(db, check.id, check.runnerId, { outcome: details.held ? 'held' : 'drifted', details, report: text, signature });
}
