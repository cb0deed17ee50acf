/** Runners as their page shows them: each with its newest checks, and how far hardware agrees. */
import type { Db } from '../client';
import { agreementByArchitecture, driftingRunners, newestChecks } from './runner-checks';
import { listRunners } from './runners';

export async function runnersPage(db: Db) {
  const [listed, checks, agreement] = [await listRunners(db), await newestChecks(db), await agreementByArchitecture(db)];
  const drifting = await driftingRunners(db);
  const runners = listed.map((runner) => ({
    ...runner,
    drifted: drifting.has(runner.id),
    checks: checks.filter((c) => c.runnerId === runner.id).map(({ runnerId: _, ...check }) => check),
  }));
  return { runners, agreement };
}
export type RunnerRow = Awaited<ReturnType<typeof runnersPage>>['runners'][number];
