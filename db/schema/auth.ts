/**
 * Accounts, in the shape that better-auth expects (`usePlural`); a test compares every field with its own list.
 * Times are timestamptz; tokens and passwords are hashed before they come here.
 */
import { bigint, boolean, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { time } from './columns';

/** What an account may do: submitters submit, runners lease jobs as well, admins look after the site. */
export const ROLES = ['submitter', 'runner', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Letters that an account may ask for; those about passwords, addresses and answers come in any case. */
export const LETTERS = ['measured', 'failed'] as const;
export type Letter = (typeof LETTERS)[number];

const kept = { createdAt: time().notNull().defaultNow(), updatedAt: time().notNull().defaultNow() };

export const users = pgTable('users', {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: boolean().notNull().default(false),
  image: text(),
  role: text({ enum: ROLES }).notNull().default('submitter'),
  letters: jsonb().$type<Letter[]>().notNull().default([]),
  /** The newest event that its own page has shown it. */
  seenEvent: bigint({ mode: 'number' }).notNull().default(0),
  /**
   * Such an account is a name that nobody has any more, “deleted user”: whose models, runs and runners belong together is
   * still known, so that nobody comes to confirm himself by leaving.
   */
  deletedAt: time(),
  ...kept,
});

const owner = () =>
  text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' });

export const sessions = pgTable(
  'sessions',
  {
    id: text().primaryKey(),
    userId: owner(),
    token: text().notNull().unique(),
    expiresAt: time().notNull(),
    ipAddress: text(),
    userAgent: text(),
    ...kept,
  },
  (t) => [index().on(t.userId)],
);

export const accounts = pgTable(
  'accounts',
  {
    id: text().primaryKey(),
    userId: owner(),
    accountId: text().notNull(),
    providerId: text().notNull(),
    accessToken: text(),
    refreshToken: text(),
    idToken: text(),
    accessTokenExpiresAt: time(),
    refreshTokenExpiresAt: time(),
    scope: text(),
    password: text(),
    ...kept,
  },
  (t) => [index().on(t.userId)],
);

export const verifications = pgTable(
  'verifications',
  { id: text().primaryKey(), identifier: text().notNull(), value: text().notNull(), expiresAt: time().notNull(), ...kept },
  (t) => [index().on(t.identifier)],
);

/** API tokens; `key` is a hash. `referenceId` is the account. */
export const apikeys = pgTable(
  'apikeys',
  {
    id: text().primaryKey(),
    configId: text().notNull().default('default'),
    referenceId: owner(),
    name: text(),
    start: text(),
    prefix: text(),
    key: text().notNull(),
    enabled: boolean().default(true),
    refillInterval: integer(),
    refillAmount: integer(),
    lastRefillAt: time(),
    rateLimitEnabled: boolean(),
    rateLimitTimeWindow: integer(),
    rateLimitMax: integer(),
    requestCount: integer(),
    remaining: integer(),
    lastRequest: time(),
    expiresAt: time(),
    permissions: text(),
    metadata: text(),
    ...kept,
  },
  (t) => [index().on(t.configId), index().on(t.referenceId), index().on(t.key)],
);

/** better-auth's own limiter: attempts by address and path. */
export const rateLimits = pgTable('rate_limits', {
  id: text().primaryKey(),
  key: text().notNull().unique(),
  count: integer().notNull(),
  lastRequest: bigint({ mode: 'number' }).notNull(),
});
