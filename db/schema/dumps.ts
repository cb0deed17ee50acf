/** Dumps of everything public, one a day at most; the blob store has their bytes. */
import { integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { time } from './columns';

export const dumps = pgTable('dumps', {
  /** YYYY-MM-DD, UTC. */
  day: text().primaryKey(),
  sha256: text().notNull(),
  bytes: integer().notNull(),
  /** Rows by table. */
  rows: jsonb().$type<Record<string, number>>().notNull(),
  createdAt: time().notNull().defaultNow(),
});
export type Dump = typeof dumps.$inferSelect;
