/** What pg-boss, which keeps the jobs themselves, doesn't know of them: who holds one, how far it is, and what it said. */
import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { time } from './columns';

export const LEASE_OUTCOMES = ['done', 'failed', 'released', 'expired', 'cancelled'] as const;
export type LeaseOutcome = (typeof LEASE_OUTCOMES)[number];

/** One row each time that a job was handed to a runner; rows are added and ended, never taken away. */
export const queueLeases = pgTable(
  'queue_leases',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** Of pgboss.job. No foreign key: pg-boss deletes a job and inserts it again when it fails. */
    jobId: uuid().notNull(),
    runnerId: uuid().notNull(),
    /** 1 for the first; a lease that was released doesn't count. */
    attempt: integer().notNull(),
    /** For how long each sign of life holds it. */
    seconds: integer().notNull(),
    leasedAt: time().notNull(),
    expiresAt: time().notNull(),
    /** How far it is: `done` of `total` steps of the stage. Null before the first sign of life. */
    done: integer(),
    total: integer(),
    stage: text(),
    /** Null while it is held. */
    endedAt: time(),
    outcome: text({ enum: LEASE_OUTCOMES }),
    /** Why it failed. */
    code: text(),
    message: text(),
  },
  (t) => [
    // Whatever goes wrong elsewhere: a job has one holder, and a runner holds one job.
    uniqueIndex().on(t.jobId).where(sql`ended_at is null`),
    uniqueIndex().on(t.runnerId).where(sql`ended_at is null`),
    index().on(t.expiresAt).where(sql`ended_at is null`),
    index().on(t.jobId, t.id),
    index().on(t.endedAt),
    index().on(t.runnerId, t.id),
  ],
);

/** What runners wrote while they worked, in pieces as it came. */
export const queueLogs = pgTable(
  'queue_logs',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    jobId: uuid().notNull(),
    text: text().notNull(),
    at: time().notNull().defaultNow(),
  },
  (t) => [index().on(t.jobId, t.id)],
);
