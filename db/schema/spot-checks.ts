/**
 * Spot checks: which samples of a claim are attacked again, drawn once, and what each stage has shown. Results are appended
 * and never changed, but for being revoked; where a check stands follows from what is left.
 */
import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { SpotStage } from '../../lib/protocol/spot-check';
import { time } from './columns';
import { runners } from './runners';
import { runs } from './runs';
import { witnessFiles } from './witnesses';

export const SPOT_VERDICTS = ['passed', 'measure-in-full'] as const;

export const spotChecks = pgTable('spot_checks', {
  /** The claim's. */
  runId: uuid()
    .primaryKey()
    .references(() => runs.id, { onDelete: 'cascade' }),
  /** Samples that the claim calls robust. */
  robust: integer().notNull(),
  /** Records of the test split in the order in which they were drawn, those of both stages. Nobody but the runner of a stage reads them before the check has ended. */
  order: jsonb().$type<number[]>().notNull(),
  /** The stage that is to be attacked, or the last one. */
  stage: integer().$type<SpotStage>().notNull().default(1),
  /** Of what was drawn, what has been attacked until now, and what of it broke. */
  attacked: integer().notNull().default(0),
  broken: integer().notNull().default(0),
  /** Null until it has ended. */
  verdict: text({ enum: SPOT_VERDICTS }),
  createdAt: time().notNull().defaultNow(),
  endedAt: time(),
});
export type SpotCheck = typeof spotChecks.$inferSelect;

export const spotResults = pgTable(
  'spot_results',
  {
    id: uuid().primaryKey().defaultRandom(),
    runId: uuid()
      .notNull()
      .references(() => spotChecks.runId, { onDelete: 'cascade' }),
    stage: integer().$type<SpotStage>().notNull(),
    runnerId: uuid().references(() => runners.id, { onDelete: 'set null' }),
    /** Base64 of its Ed25519 signature over the SHA-256 of the result's bytes. */
    signature: text().notNull(),
    /** The exact bytes that came. */
    result: text().notNull(),
    broken: integer().notNull(),
    /** The witnesses of what broke; null where nothing did. */
    fileId: uuid().references(() => witnessFiles.id, { onDelete: 'set null' }),
    createdAt: time().notNull().defaultNow(),
    revokedAt: time(),
    revokedReason: text(),
  },
  (t) => [
    // One counts at a time.
    uniqueIndex('spot_results_stage').on(t.runId, t.stage).where(sql`${t.revokedAt} is null`),
    index().on(t.runnerId),
  ],
);
