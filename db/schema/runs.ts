/** What was measured: runs are appended and never changed, but for being revoked; standings follow from them. */
import { bigint, boolean, doublePrecision, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { RUN_KINDS, STANDING_STATES } from '../../lib/protocol/standing';
import { users } from './auth';
import { bytea, time } from './columns';
import { versions } from './models';
import { runners } from './runners';

export const runs = pgTable(
  'runs',
  {
    id: uuid().primaryKey().defaultRandom(),
    versionId: uuid()
      .notNull()
      .references(() => versions.id, { onDelete: 'cascade' }),
    board: text().notNull(),
    protocol: text().notNull(),
    level: text().notNull(),
    kind: text({ enum: RUN_KINDS }).notNull(),
    /** Null for baselines, and where the account was deleted. */
    accountId: text().references(() => users.id, { onDelete: 'set null' }),
    /** The runner that signed it; null where a browser or this installation's code sent it. */
    runnerId: uuid().references(() => runners.id, { onDelete: 'set null' }),
    /** Base64 of its Ed25519 signature over the SHA-256 of the report's bytes. */
    signature: text(),
    /** The whole split for attacks, and at least the protocol's number of training images for collapse. */
    full: boolean().notNull(),
    samples: integer().notNull(),
    /** Where AutoAttack was run: the first of the samples, which it and `robustCorrect` are of. */
    autoattackSamples: integer(),
    trainSamples: integer().notNull(),
    seed: bigint({ mode: 'number' }).notNull(),
    testSha256: text(),
    trainSha256: text(),
    cleanCorrect: integer(),
    robustCorrect: integer(),
    environment: jsonb().$type<Record<string, unknown>>().notNull(),
    /** The exact bytes that came: a signature is over them, and jsonb would reorder the keys. */
    report: text().notNull(),
    reportSha256: text().notNull(),
    startedAt: time().notNull(),
    durationMs: doublePrecision().notNull(),
    createdAt: time().notNull().defaultNow(),
    revokedAt: time(),
    revokedReason: text(),
  },
  (t) => [
    index().on(t.versionId, t.board, t.protocol),
    index().on(t.accountId),
    index().on(t.runnerId),
    unique().on(t.versionId, t.reportSha256),
  ],
);

/** Where a version stands on a board: what the board shows, recomputed with every run that is added or revoked. */
export const standings = pgTable(
  'standings',
  {
    versionId: uuid()
      .notNull()
      .references(() => versions.id, { onDelete: 'cascade' }),
    board: text().notNull(),
    protocol: text().notNull(),
    state: text({ enum: STANDING_STATES }).notNull(),
    /** The version is public. Kept here, too, so that a board is sorted without a join. */
    listed: boolean().notNull(),
    /** Why, where the state needs a reason (disqualified). */
    reason: text(),
    /** Rankings that the row takes part in. */
    rankings: jsonb().$type<('pgd' | 'autoattack')[]>().notNull(),
    /** The run whose numbers follow. */
    runId: uuid()
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    /** Runs that the state rests on. */
    basis: jsonb().$type<string[]>().notNull(),
    full: boolean().notNull(),
    samples: integer().notNull(),
    /** Where AutoAttack was run: the first of the samples, which `autoattack` and `robust` are of. */
    autoattackSamples: integer(),
    trainSamples: integer().notNull(),
    /** Fractions of `samples` (or `autoattackSamples`); null where that part was not run. */
    clean: doublePrecision(),
    pgd10: doublePrecision(),
    /** Per-sample minimum of clean, pgd-10 and pgd-margin. */
    pgd: doublePrecision(),
    autoattack: doublePrecision(),
    robust: doublePrecision(),
    robustLow: doublePrecision(),
    robustHigh: doublePrecision(),
    nc1: doublePrecision(),
    nc2: doublePrecision(),
    nc3: doublePrecision(),
    nc4: doublePrecision(),
    nc1Adversarial: doublePrecision(),
    meansRank: integer(),
    collapse: doublePrecision(),
    collapseAdversarial: doublePrecision(),
    flags: jsonb().$type<string[]>().notNull(),
    /** Per-sample outcomes behind `pgd` and `robust`; bit i = sample i held. Tiers are found from them. */
    pgdBits: bytea(),
    robustBits: bytea(),
    measuredAt: time().notNull(),
    updatedAt: time().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.versionId, t.board, t.protocol] }), index().on(t.board, t.protocol, t.updatedAt)],
);
