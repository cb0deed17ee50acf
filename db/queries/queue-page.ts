/** The queue as its pages and the API show it: jobs of public versions, with the names of their models and runners. */
import { asc, eq, inArray } from 'drizzle-orm';
import { estimate, type TimeRange } from '../../lib/queue-time';
import type { Db } from '../client';
import { jobById, jobOf, type ListedJob, pace, queueList } from '../queue/list';
import { type LeaseOutcome, models, queueLeases, runners, versions } from '../schema';

export type QueueRow = ListedJob & {
  slug: string;
  name: string;
  version: number;
  /** The submitter of the model; null where the account was deleted. */
  ownerId: string | null;
  /** Who holds it, or was the last to. */
  runner: string | null;
  /** Until it will have been measured; absent where nothing can be said. */
  expected?: TimeRange;
};

export async function queuePage(db: Db): Promise<{ queued: number; active: number; rows: QueueRow[] }> {
  const { queued, active, jobs } = await queueList(db);
  return { queued, active, rows: await named(db, jobs) };
}

/** What becomes of a version on a board; undefined where nothing waits, runs or ever did. */
export async function queueRowOf(
  db: Db,
  of: Parameters<typeof jobOf>[1],
  kind?: Parameters<typeof jobOf>[2],
): Promise<QueueRow | undefined> {
  const job = await jobOf(db, of, kind);
  return job && (await named(db, [job]))[0];
}

/** One time that the job was handed out. */
export interface Attempt {
  attempt: number;
  runner: string | null;
  leasedAt: Date;
  endedAt: Date | null;
  outcome: LeaseOutcome | null;
  code: string | null;
  message: string | null;
}

/** One job with every time that it was handed out; undefined where there is none of a public version. */
export async function jobPage(db: Db, jobId: string): Promise<(QueueRow & { leases: Attempt[] }) | undefined> {
  const job = await jobById(db, jobId);
  const [row] = job ? await named(db, [job]) : [];
  if (!row) return undefined;
  const leases = await db
    .select({
      ...{ attempt: queueLeases.attempt, runner: runners.name, leasedAt: queueLeases.leasedAt, endedAt: queueLeases.endedAt },
      ...{ outcome: queueLeases.outcome, code: queueLeases.code, message: queueLeases.message },
    })
    .from(queueLeases)
    .leftJoin(runners, eq(runners.id, queueLeases.runnerId))
    .where(eq(queueLeases.jobId, jobId))
    .orderBy(asc(queueLeases.id));
  return { ...row, leases };
}

async function named(db: Db, jobs: ListedJob[]): Promise<QueueRow[]> {
  if (jobs.length === 0) return [];
  // What goes before a witness or a spot check is small, too: they are told as what is quick.
  const levelOf = (job: ListedJob) => (job.kind === 'verification' ? job.level : 'pgd');
  const paces = new Map<string, Awaited<ReturnType<typeof pace>>>();
  for (const level of new Set(jobs.map(levelOf))) paces.set(level, await pace(db, level));
  const ids = jobs.map((j) => j.versionId);
  const of = await db
    .select({
      id: versions.id,
      state: versions.state,
      number: versions.number,
      slug: models.slug,
      name: models.name,
      ownerId: models.ownerId,
    })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(inArray(versions.id, ids));
  const machines = await db.select({ id: runners.id, name: runners.name }).from(runners);
  const modelOf = new Map(of.map((m) => [m.id, m]));
  const runnerOf = new Map(machines.map((r) => [r.id, r.name]));
  return jobs.flatMap((job): QueueRow[] => {
    const model = modelOf.get(job.versionId);
    if (model?.state !== 'public') return []; // withdrawn or gone: its job ends at the next lease
    const { durations = [], runners: working = 0 } = paces.get(levelOf(job)) ?? {};
    const expected = job.ahead === null ? undefined : estimate(job.ahead, durations, working);
    const { slug, name, number: version, ownerId } = model;
    return [{ ...job, slug, name, version, ownerId, runner: runnerOf.get(job.runnerId ?? '') ?? null, ...(expected ? { expected } : {}) }];
  });
}
