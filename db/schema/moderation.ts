/** What people bring to the admins: complaints about a version, and the one appeal against a decision. */
import { boolean, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { users } from './auth';
import { time } from './columns';
import { versions } from './models';

export const COMPLAINT_KINDS = ['score', 'cheating', 'licence', 'content', 'other'] as const;
export type ComplaintKind = (typeof COMPLAINT_KINDS)[number];

export const complaints = pgTable(
  'complaints',
  {
    id: uuid().primaryKey().defaultRandom(),
    versionId: uuid()
      .notNull()
      .references(() => versions.id, { onDelete: 'cascade' }),
    kind: text({ enum: COMPLAINT_KINDS }).notNull(),
    text: text().notNull(),
    /** Null where the account was deleted. */
    accountId: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: time().notNull().defaultNow(),
    /** What the admins say to whoever complained; null while it is open. */
    answer: text(),
    answeredAt: time(),
    answeredBy: text().references(() => users.id, { onDelete: 'set null' }),
  },
  (t) => [index().on(t.answeredAt, t.createdAt), index().on(t.accountId)],
);
export type Complaint = typeof complaints.$inferSelect;

/** A version has one. */
export const appeals = pgTable('appeals', {
  versionId: uuid()
    .primaryKey()
    .references(() => versions.id, { onDelete: 'cascade' }),
  text: text().notNull(),
  accountId: text().references(() => users.id, { onDelete: 'set null' }),
  createdAt: time().notNull().defaultNow(),
  /** Public. Null while it is open. */
  answer: text(),
  /** The decision was taken back. */
  upheld: boolean(),
  answeredAt: time(),
  answeredBy: text().references(() => users.id, { onDelete: 'set null' }),
});
export type Appeal = typeof appeals.$inferSelect;
