/** What everybody may see of the queue. */
import { and, count, desc, eq, gt, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { queueLeases } from '../schema';
import { type Job, jobs, KINDS, QUEUE, type VerificationJob } from './boss';
import type { Progress } from './leases';

export const JOB_STATES = ['queued', 'active', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

interface Listing {
  jobId: string;
  state: JobState;
  /** 1 is handed out next; null unless it waits. */
  place: number | null;
  /** Jobs that run, or wait before it; null unless it waits. */
  ahead: number | null;
  /** Attempts so far, the one that runs included, 0…3. */
  attempts: number;
  /** Who holds it, or was the last to. */
  runnerId: string | null;
  progress: Progress | null;
  enqueuedAt: Date;
  /** Of the last attempt. */
  startedAt: Date | null;
  endedAt: Date | null;
  /** Why it failed, or, while it waits, why the last attempt did. */
  failure: { code: string; message: string } | null;
}

export type ListedJob = Job & Listing;

export interface QueueList {
  queued: number;
  active: number;
  jobs: ListedJob[];
}

const STATES = {
  created: 'queued',
  retry: 'queued',
  active: 'active',
  completed: 'done',
  cancelled: 'cancelled',
  failed: 'failed',
} as const;

const waiting = and(eq(jobs.name, QUEUE), sql`${jobs.state} < 'active'`, eq(jobs.blocked, false));
const running = and(eq(jobs.name, QUEUE), eq(jobs.state, 'active'));
const inOrder = [desc(jobs.priority), jobs.createdOn, jobs.id] as const;

const columns = { id: jobs.id, state: jobs.state, data: jobs.data, createdOn: jobs.createdOn, completedOn: jobs.completedOn };
type Row = { id: string; state: keyof typeof STATES; data: Job; createdOn: Date; completedOn: Date | null };

const countOf = async (db: Db, which: SQL | undefined) => (await db.select({ n: count() }).from(jobs).where(which))[0].n;

/** Adds who had it and how that went. */
async function withLeases(db: Db, rows: Row[], placeOf: (i: number) => number | null, active: number): Promise<ListedJob[]> {
  const ids = rows.map((r) => r.id);
  const last = ids.length
    ? await db
        .selectDistinctOn([queueLeases.jobId])
        .from(queueLeases)
        .where(inArray(queueLeases.jobId, ids))
        .orderBy(queueLeases.jobId, desc(queueLeases.id))
    : [];
  const leaseOf = new Map(last.map((l) => [l.jobId, l]));
  return rows.map((row, i) => {
    const lease = leaseOf.get(row.id);
    const place = placeOf(i);
    return {
      ...row.data,
      jobId: row.id,
      state: STATES[row.state],
      place,
      ahead: place === null ? null : place - 1 + active,
      attempts: (lease?.attempt ?? 0) - (lease?.outcome === 'released' ? 1 : 0),
      runnerId: lease?.runnerId ?? null,
      progress: lease?.stage != null ? { done: lease.done as number, total: lease.total as number, stage: lease.stage } : null,
      enqueuedAt: row.createdOn,
      startedAt: lease?.leasedAt ?? null,
      endedAt: row.completedOn,
      failure: lease?.code ? { code: lease.code, message: lease.message ?? '' } : null,
    };
  });
}

/** All that run, the first `most` that wait, in their order, and at most as many that failed within the last week. */
export async function queueList(db: Db, most = 100): Promise<QueueList> {
  const active = await db
    .select(columns)
    .from(jobs)
    .where(running)
    .orderBy(...inOrder);
  const queued = await db
    .select(columns)
    .from(jobs)
    .where(waiting)
    .orderBy(...inOrder)
    .limit(most);
  const failed = await db
    .select(columns)
    .from(jobs)
    .where(and(eq(jobs.name, QUEUE), eq(jobs.state, 'failed'), gt(jobs.completedOn, sql`now() - interval '7 days'`)))
    .orderBy(desc(jobs.completedOn))
    .limit(most);
  const rows = [...active, ...queued, ...failed];
  const placeOf = (i: number) => (i >= active.length && i < active.length + queued.length ? i - active.length + 1 : null);
  return {
    queued: queued.length < most ? queued.length : await countOf(db, waiting),
    active: active.length,
    jobs: await withLeases(db, rows, placeOf, active.length),
  };
}

/** The newest verification of a version on a board, or the newest of its curves, however it stands; undefined where there never was one. */
export const jobOf = (
  db: Db,
  of: Pick<VerificationJob, 'versionId' | 'board' | 'protocol'>,
  kind: 'verification' | 'curves' = 'verification',
) => newestJob(db, KINDS[kind].key(of));

/** The newest job of a key, however it stands; undefined where there never was one. */
export const newestJob = (db: Db, key: string) => newest(db, eq(jobs.singletonKey, key));

/** One job; undefined where there is none, or it was long ago. */
export const jobById = (db: Db, jobId: string) => newest(db, eq(jobs.id, jobId));

async function newest(db: Db, which: SQL): Promise<ListedJob | undefined> {
  const [row] = await db
    .select({ ...columns, priority: jobs.priority })
    .from(jobs)
    .where(and(eq(jobs.name, QUEUE), which))
    .orderBy(desc(jobs.createdOn))
    .limit(1);
  if (!row) return undefined;
  let place: number | null = null;
  if (STATES[row.state] === 'queued') {
    const self = db
      .select({ at: jobs.createdOn })
      .from(jobs)
      .where(and(eq(jobs.name, QUEUE), eq(jobs.id, row.id)));
    const earlier = sql`(${jobs.createdOn}, ${jobs.id}) < ((${self}), ${row.id}::uuid)`;
    place = 1 + (await countOf(db, and(waiting, or(gt(jobs.priority, row.priority), and(eq(jobs.priority, row.priority), earlier)))));
  }
  return (await withLeases(db, [row], () => place, place === null ? 0 : await countOf(db, running)))[0];
}

/**
 * What `estimate` (lib/queue-time.ts) wants to know: how long the last twenty verifications of a level took, seconds, and how
 * many runners were at work in the last ten minutes. AutoAttack takes a hundred times as long as PGD.
 */
export async function pace(db: Db, level: string): Promise<{ durations: number[]; runners: number }> {
  const ended = await db
    .select({ seconds: sql<number>`extract(epoch from ${queueLeases.endedAt} - ${queueLeases.leasedAt})::float8` })
    .from(queueLeases)
    .innerJoin(jobs, and(eq(jobs.name, QUEUE), eq(jobs.id, queueLeases.jobId)))
    .where(
      and(
        eq(queueLeases.outcome, 'done'),
        isNotNull(queueLeases.endedAt),
        sql`${jobs.data}->>'kind' = 'verification'`,
        sql`${jobs.data}->>'level' = ${level}`,
      ),
    )
    .orderBy(desc(queueLeases.endedAt))
    .limit(20);
  const [{ runners }] = await db
    .select({ runners: sql<number>`count(distinct ${queueLeases.runnerId})::int` })
    .from(queueLeases)
    .where(
      or(
        isNull(queueLeases.endedAt),
        and(gt(queueLeases.endedAt, sql`now() - interval '10 minutes'`), sql`${queueLeases.outcome} <> 'expired'`),
      ),
    );
  return { durations: ended.map((e) => e.seconds), runners };
}
