/** What runners measured of the pinned reference models: one row each time, kept as the record of their drift. */
import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { ReferenceOutcome } from '../../lib/protocol/reference-check';
import { time } from './columns';
import { runners } from './runners';

export const CHECK_OUTCOMES = ['held', 'drifted', 'failed', 'released', 'expired'] as const;
export type CheckOutcome = (typeof CHECK_OUTCOMES)[number];

export const runnerChecks = pgTable(
  'runner_checks',
  {
    id: uuid().primaryKey().defaultRandom(),
    runnerId: uuid()
      .notNull()
      .references(() => runners.id, { onDelete: 'cascade' }),
    model: text().notNull(),
    board: text().notNull(),
    startedAt: time().notNull(),
    /** It ends by itself if the runner is silent until then. */
    expiresAt: time().notNull(),
    /** Null while it is measured. */
    endedAt: time(),
    outcome: text({ enum: CHECK_OUTCOMES }),
    details: jsonb().$type<ReferenceOutcome>(),
    /** Why it failed. */
    message: text(),
    /** The exact bytes that came, and base64 of the runner's signature over their SHA-256. */
    report: text(),
    signature: text(),
  },
  (t) => [
    uniqueIndex('runner_checks_running').on(t.runnerId).where(sql`${t.endedAt} is null`),
    index().on(t.runnerId, t.model, t.endedAt),
    index().on(t.endedAt),
  ],
);
export type RunnerCheck = typeof runnerChecks.$inferSelect;
