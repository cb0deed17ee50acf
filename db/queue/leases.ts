/**
 * Runners hold jobs on lease: whoever is silent for longer than the lease loses the job, by the database's clock alone. Only
 * the holder may end a job, and each hand-out is a row of its own, so that a runner that comes back late changes nothing.
 */
import { and, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { noteFailed } from '../queries/notices';
import { type LeaseOutcome, queueLeases, runners } from '../schema';
import { type Job, jobs, MOST_FOR_ANYBODY, onBoss, QUEUE } from './boss';
import { lockJob } from './jobs';
import { withoutNul } from './logs';

/** A job that failed this often fails for good. */
export const MAX_ATTEMPTS = 3;

const now = sql`clock_timestamp()`;
const after = (seconds: number) => sql`clock_timestamp() + ${seconds} * interval '1 second'`;

export interface Lease {
  jobId: string;
  job: Job;
  /** 1…3 */
  attempt: number;
  seconds: number;
}

export interface Taker {
  /** May have jobs whose result is a judgement. */
  trusted?: boolean;
  /** Whether this job is one for it; what it leaves keeps its place. */
  takes?(tx: Db, job: Job): Promise<boolean>;
}

/** After so many judgements of witnesses in a row, a runner does other work first: their senders must not keep it from all else. */
const JUDGEMENTS_IN_A_ROW = 5;

/** Whether the last jobs of a runner were all judgements. */
async function judgedLong(tx: Db, runnerId: string): Promise<boolean> {
  const last = await tx
    .select({ kind: sql<string>`${jobs.data}->>'kind'` })
    .from(queueLeases)
    .innerJoin(jobs, and(eq(jobs.name, QUEUE), eq(jobs.id, queueLeases.jobId)))
    .where(eq(queueLeases.runnerId, runnerId))
    .orderBy(desc(queueLeases.id))
    .limit(JUDGEMENTS_IN_A_ROW);
  return last.length === JUDGEMENTS_IN_A_ROW && last.every(({ kind }) => kind === 'witness');
}

/** Jobs that one request may leave before it is given none of their kind. */
const MOST_LEFT = 50;

/** The next job for a taker, taken. */
async function fetchNext(tx: Db, { trusted = true, takes = async () => true }: Taker) {
  const left: string[] = [];
  for (;;) {
    const anybodys = trusted && left.length < MOST_LEFT ? {} : { maxPriority: MOST_FOR_ANYBODY };
    const [next] = await onBoss(tx, (boss) => boss.fetch<Job>(QUEUE, anybodys));
    if (next && !(await takes(tx, next.data))) {
      left.push(next.id);
      if (left.length < 2 * MOST_LEFT) continue;
    }
    const taken = next && !left.includes(next.id) ? next : undefined;
    if (left.length) await putBack(tx, left);
    return taken;
  }
}

/**
 * Hands out the oldest job of the most urgent kind, for `seconds` from now and from each sign of life; undefined where none waits. A runner that
 * still holds one gets that one again: its answer may have been lost, or it was started anew.
 */
export async function lease(db: Db, runnerId: string, seconds: number, taker: Taker = {}): Promise<Lease | undefined> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // Two requests of one runner come one after the other.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`runner ${runnerId}`}, 0))`);
    await expireSome(tx);
    const [held] = await tx
      .update(queueLeases)
      .set({ seconds, expiresAt: after(seconds) })
      .where(and(eq(queueLeases.runnerId, runnerId), isNull(queueLeases.endedAt)))
      .returning();
    if (held) {
      const [{ job }] = await tx
        .select({ job: jobs.data })
        .from(jobs)
        .where(and(eq(jobs.name, QUEUE), eq(jobs.id, held.jobId)));
      return { jobId: held.jobId, job, attempt: held.attempt, seconds };
    }
    const others = (await judgedLong(tx, runnerId)) ? await fetchNext(tx, { ...taker, trusted: false }) : undefined;
    const next = others ?? (await fetchNext(tx, taker));
    if (!next) return undefined;
    const counted = sql<number>`(select coalesce(max(attempt), 0) + 1 from ${queueLeases} where job_id = ${next.id} and outcome <> 'released')`;
    const [{ attempt }] = await tx
      .insert(queueLeases)
      .values({ jobId: next.id, runnerId, attempt: counted, seconds, leasedAt: now, expiresAt: after(seconds) })
      .returning({ attempt: queueLeases.attempt });
    return { jobId: next.id, job: next.data, attempt, seconds };
  });
}

export interface Progress {
  done: number;
  total: number;
  stage: string;
}

/** The runner's last lease of a job, if nobody has had it since. */
async function lastLease(tx: Db, jobId: string, runnerId: string) {
  const [last] = await tx.select().from(queueLeases).where(eq(queueLeases.jobId, jobId)).orderBy(desc(queueLeases.id)).limit(1);
  return last?.runnerId === runnerId ? last : undefined;
}

/** A sign of life: the lease begins anew. One that ran out is still its runner's until it is taken back (`expire`). */
export async function renew(db: Db, jobId: string, runnerId: string, progress: Progress): Promise<'lost' | { cancelled: boolean }> {
  const [held] = await db
    .update(queueLeases)
    .set({
      ...progress,
      stage: withoutNul(progress.stage),
      expiresAt: sql`clock_timestamp() + ${queueLeases.seconds} * interval '1 second'`,
    })
    .where(and(eq(queueLeases.jobId, jobId), eq(queueLeases.runnerId, runnerId), isNull(queueLeases.endedAt)))
    .returning({ id: queueLeases.id });
  if (held) return { cancelled: false };
  return (await lastLease(db, jobId, runnerId))?.outcome === 'cancelled' ? { cancelled: true } : 'lost';
}

/** The job that the runner holds; undefined where it holds another or none. */
export async function heldJob(db: Db, jobId: string, runnerId: string): Promise<Job | undefined> {
  const [held] = await db
    .select({ job: jobs.data })
    .from(queueLeases)
    .innerJoin(jobs, and(eq(jobs.name, QUEUE), eq(jobs.id, queueLeases.jobId)))
    .where(and(eq(queueLeases.jobId, jobId), eq(queueLeases.runnerId, runnerId), isNull(queueLeases.endedAt)));
  return held?.job;
}

/** Whether the runner holds a job of the queue; one whose lease ran out counts until it is taken back. */
export async function isHolding(db: Db, runnerId: string): Promise<boolean> {
  return (await db.$count(queueLeases, and(eq(queueLeases.runnerId, runnerId), isNull(queueLeases.endedAt)))) > 0;
}

/** A job that is held, and whose runner holds it. */
export async function holderOf(db: Db, jobId: string) {
  const [held] = await db
    .select({ job: jobs.data, ownerId: runners.ownerId, local: runners.local })
    .from(queueLeases)
    .innerJoin(jobs, and(eq(jobs.name, QUEUE), eq(jobs.id, queueLeases.jobId)))
    .innerJoin(runners, eq(runners.id, queueLeases.runnerId))
    .where(and(eq(queueLeases.jobId, jobId), isNull(queueLeases.endedAt), isNull(runners.revokedAt)));
  return held;
}

const end = (tx: Db, ids: number[], outcome: LeaseOutcome, why: { code?: string; message?: string } = {}) =>
  tx
    .update(queueLeases)
    .set({ endedAt: now, outcome, ...why })
    .where(inArray(queueLeases.id, ids));

/** Back to where it was in the queue: by its age, so before all that came later. */
async function putBack(tx: Db, jobIds: string[]): Promise<void> {
  await onBoss(tx, async (boss) => {
    await boss.cancel(QUEUE, jobIds);
    await boss.resume(QUEUE, jobIds);
  });
}

/**
 * Ends a job in the transaction that keeps its result. `lost`: somebody else's by now, or cancelled; the result must not
 * count. `done already`: by this same runner, whose first answer was lost.
 */
export async function complete(tx: Db, jobId: string, runnerId: string): Promise<'done' | 'done already' | 'lost'> {
  await lockJob(tx, jobId);
  const last = await lastLease(tx, jobId, runnerId);
  if (last?.outcome === 'done') return 'done already';
  if (!last || last.endedAt) return 'lost';
  await onBoss(tx, (boss) => boss.complete(QUEUE, jobId));
  await end(tx, [last.id], 'done');
  return 'done';
}

export interface JobFailure {
  code: string;
  message: string;
  /** It would fail again anywhere: the model's fault. */
  final: boolean;
}

/** A failed attempt; the job waits again, or fails for good where it is final or the third. */
export async function fail(
  tx: Db,
  jobId: string,
  runnerId: string,
  failure: JobFailure,
): Promise<'lost' | { state: 'queued' | 'failed'; attempt: number }> {
  const job = await lockJob(tx, jobId);
  const last = await lastLease(tx, jobId, runnerId);
  if (!job || !last || last.endedAt) return 'lost';
  const { code, final } = failure;
  const message = withoutNul(failure.message);
  const state = final || last.attempt >= MAX_ATTEMPTS ? 'failed' : 'queued';
  if (state === 'failed') await onBoss(tx, (boss) => boss.fail(QUEUE, jobId, { code, message }));
  else await putBack(tx, [jobId]);
  await end(tx, [last.id], 'failed', { code, message });
  if (state === 'failed') await noteFailed(tx, [job.data], message);
  return { state, attempt: last.attempt };
}

/** The runner goes and hands its job back: it is the next to be handed out of its age, and no attempt was used. */
export async function release(db: Db, jobId: string, runnerId: string): Promise<'released' | 'lost'> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    await lockJob(tx, jobId);
    const last = await lastLease(tx, jobId, runnerId);
    if (!last || last.endedAt) return 'lost';
    await putBack(tx, [jobId]);
    await end(tx, [last.id], 'released');
    return 'released';
  });
}

const SILENT = { code: 'runner-silent', message: 'the runner did not answer' };

/** At most a hundred leases that ran out; returns how many there were. Those that somebody works on are left to the next time. */
async function expireSome(tx: Db): Promise<number> {
  const out = await tx
    .select({ id: queueLeases.id, jobId: queueLeases.jobId, attempt: queueLeases.attempt, job: jobs.data })
    .from(queueLeases)
    .innerJoin(jobs, and(eq(jobs.name, QUEUE), eq(jobs.id, queueLeases.jobId)))
    .where(and(isNull(queueLeases.endedAt), lt(queueLeases.expiresAt, now)))
    .orderBy(queueLeases.expiresAt)
    .limit(100)
    .for('update', { skipLocked: true });
  if (!out.length) return 0;
  const over = out.filter((l) => l.attempt >= MAX_ATTEMPTS).map((l) => l.jobId);
  const again = out.filter((l) => l.attempt < MAX_ATTEMPTS).map((l) => l.jobId);
  if (over.length) await onBoss(tx, (boss) => boss.fail(QUEUE, over, SILENT));
  if (again.length) await putBack(tx, again);
  await end(
    tx,
    out.map((l) => l.id),
    'expired',
    SILENT,
  );
  await noteFailed(
    tx,
    out.filter((l) => l.attempt >= MAX_ATTEMPTS).map((l) => l.job),
    SILENT.message,
  );
  return out.length;
}

/** Takes back every lease that ran out. `lease` does so, too; this is for when no runner asks. */
export async function expire(db: Db): Promise<number> {
  for (let all = 0; ; ) {
    const some = await db.transaction((tx) => expireSome(tx as unknown as Db));
    all += some;
    if (some < 100) return all;
  }
}
