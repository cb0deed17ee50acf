/** The queue as its page shows it: jobs with the names of their models and runners. */
import { eq, inArray } from 'drizzle-orm';
import { estimate, type TimeRange } from '../../lib/queue-time';
import type { Db } from '../client';
import { type ListedJob, pace, queueList } from '../queue/list';
import { models, runners, versions } from '../schema';

export type QueueRow = ListedJob & {
  slug: string;
  name: string;
  version: number;
  runner: string | null;
  /** Until it will have been measured; absent where nothing can be said. */
  expected?: TimeRange;
};

export async function queuePage(db: Db): Promise<{ queued: number; active: number; rows: QueueRow[] }> {
  const { queued, active, jobs } = await queueList(db);
  const { durations, runners: working } = await pace(db);
  const [named, machines] = jobs.length
    ? [
        await db
          .select({ id: versions.id, number: versions.number, slug: models.slug, name: models.name })
          .from(versions)
          .innerJoin(models, eq(models.id, versions.modelId))
          .where(
            inArray(
              versions.id,
              jobs.map((j) => j.versionId),
            ),
          ),
        await db.select({ id: runners.id, name: runners.name }).from(runners),
      ]
    : [[], []];
  const modelOf = new Map(named.map((m) => [m.id, m]));
  const runnerOf = new Map(machines.map((r) => [r.id, r.name]));
  const rows = jobs.flatMap((job): QueueRow[] => {
    const model = modelOf.get(job.versionId);
    if (!model) return []; // the version is gone, and its job ends at the next lease
    const expected = job.ahead === null ? undefined : estimate(job.ahead, durations, working);
    const { slug, name, number: version } = model;
    return [{ ...job, slug, name, version, runner: runnerOf.get(job.runnerId ?? '') ?? null, ...(expected ? { expected } : {}) }];
  });
  return { queued, active, rows };
}
