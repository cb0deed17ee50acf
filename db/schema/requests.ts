/** Book-keeping of requests: answers given under an idempotency key, counted uses, one-time links. */
import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { users } from './auth';
import { time } from './columns';

/** A replayed request gets the first answer; the same key with another body is refused. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    accountId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    /** SHA-256 of method, path and body. */
    request: text().notNull(),
    status: integer(),
    body: text(),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.key] })],
);

/** Uses within a window of time, by whom and for what. */
export const uses = pgTable('uses', { key: text().notNull(), windowStart: time().notNull(), count: integer().notNull() }, (t) => [
  primaryKey({ columns: [t.key, t.windowStart] }),
]);

/** Whoever opens such a link while signed in becomes an admin, once. Only the token's hash is kept. */
export const adminLinks = pgTable('admin_links', {
  tokenSha256: text().primaryKey(),
  createdAt: time().notNull().defaultNow(),
  expiresAt: time().notNull(),
  usedAt: time(),
  usedBy: text().references(() => users.id, { onDelete: 'set null' }),
});
