/** What happened, in the order it happened; never changed. The history of a row and the feed are read from here. */
import { bigserial, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { users } from './auth';
import { time } from './columns';
import { models, versions } from './models';

export const EVENT_KINDS = [
  'submitted',
  'published',
  'refused',
  'run-added',
  'run-revoked',
  'state-changed',
  'seeded',
  'witnesses-accepted',
  'witnesses-revoked',
  'spot-checked',
  'spot-check-revoked',
  'hidden',
  'shown',
  'locked',
  'unlocked',
  'disqualified',
  'reinstated',
  'appealed',
  'appeal-answered',
  'weights-removed',
  // For one account alone (queries/notices.ts).
  'complaint-answered',
  'measuring-failed',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const events = pgTable(
  'events',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    at: time().notNull().defaultNow(),
    kind: text({ enum: EVENT_KINDS }).notNull(),
    modelId: uuid().references(() => models.id, { onDelete: 'cascade' }),
    versionId: uuid().references(() => versions.id, { onDelete: 'cascade' }),
    board: text(),
    runId: uuid(),
    accountId: text().references(() => users.id, { onDelete: 'set null' }),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index().on(t.modelId, t.id), index().on(t.board, t.id)],
);
