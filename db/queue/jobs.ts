/** Jobs come into the queue, and leave it unmeasured. */
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { queueLeases } from '../schema';
import { type Job, jobs, keyOf, onBoss, priorityOf, QUEUE } from './boss';

/**
 * Adds a job in the caller's transaction: it is there if and only if what caused it is.
 * @returns the job, and whether it is new: while one of the same key waits or runs, that one is meant
 */
export async function enqueue(tx: Db, job: Job): Promise<{ jobId: string; added: boolean }> {
  const singletonKey = keyOf(job);
  for (;;) {
    const added = await onBoss(tx, (boss) => boss.send(QUEUE, job, { singletonKey, priority: priorityOf(job) }));
    if (added) return { jobId: added, added: true };
    const [there] = await tx
      .select({ id: jobs.id })
      .from(jobs)
      .where(and(eq(jobs.name, QUEUE), eq(jobs.singletonKey, singletonKey), inArray(jobs.state, ['created', 'retry', 'active'])));
    if (there) return { jobId: there.id, added: false };
    // It ended between the two statements: there is room for a new one now.
  }
}

/** Locks the job until the transaction ends; undefined where there is none. Always before its leases, or two could wait for each other. */
export async function lockJob(tx: Db, jobId: string) {
  const [job] = await tx
    .select({ state: jobs.state, data: jobs.data })
    .from(jobs)
    .where(and(eq(jobs.name, QUEUE), eq(jobs.id, jobId)))
    .for('update');
  return job;
}

/** Takes a job out, whether it waits or runs; its runner hears of it at its next sign of life. False where it had ended before. */
export async function cancel(db: Db, jobId: string): Promise<boolean> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const job = await lockJob(tx, jobId);
    if (!job || !['created', 'retry', 'active'].includes(job.state)) return false;
    await onBoss(tx, (boss) => boss.cancel(QUEUE, jobId));
    await tx
      .update(queueLeases)
      .set({ endedAt: sql`clock_timestamp()`, outcome: 'cancelled' })
      .where(and(eq(queueLeases.jobId, jobId), isNull(queueLeases.endedAt)));
    return true;
  });
}

/** A new job like one that has ended, however it did, with three attempts of its own; undefined where it waits or runs, or is none. */
export async function retry(db: Db, jobId: string): Promise<{ jobId: string; added: boolean } | undefined> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const job = await lockJob(tx, jobId);
    return job && ['completed', 'failed', 'cancelled'].includes(job.state) ? enqueue(tx, job.data) : undefined;
  });
}
