/**
 * Witnesses: files of adversarial images that anyone signed in has sent, what an approved runner judged of each, and the
 * outcome for every image. Appended and never changed, but for a verdict being revoked; standings follow from what is left.
 */
import { sql } from 'drizzle-orm';
import { boolean, doublePrecision, index, integer, jsonb, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { WITNESS_OUTCOMES } from '../../lib/protocol/witness-verdict';
import { users } from './auth';
import { time } from './columns';
import { versions } from './models';
import { runners } from './runners';

export const witnessFiles = pgTable(
  'witness_files',
  {
    id: uuid().primaryKey().defaultRandom(),
    versionId: uuid()
      .notNull()
      .references(() => versions.id, { onDelete: 'cascade' }),
    board: text().notNull(),
    protocol: text().notNull(),
    /** The finder; null where the account was deleted. */
    accountId: text().references(() => users.id, { onDelete: 'set null' }),
    /** Of the packed bytes, which the blob store has. */
    sha256: text().notNull(),
    bytes: integer().notNull(),
    split: text({ enum: ['test'] }).notNull(),
    /** Of the decoded split. */
    dataSha256: text().notNull(),
    /** Records of the split, ascending; the site has looked at box and ball of each before the file was taken. */
    indices: jsonb().$type<number[]>().notNull(),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [unique().on(t.versionId, t.board, t.protocol, t.sha256), index().on(t.accountId), index().on(t.sha256)],
);
export type WitnessFileRow = typeof witnessFiles.$inferSelect;

export const witnessVerdicts = pgTable(
  'witness_verdicts',
  {
    id: uuid().primaryKey().defaultRandom(),
    fileId: uuid()
      .notNull()
      .references(() => witnessFiles.id, { onDelete: 'cascade' }),
    runnerId: uuid().references(() => runners.id, { onDelete: 'set null' }),
    /** Base64 of its Ed25519 signature over the SHA-256 of the verdict's bytes. */
    signature: text().notNull(),
    /** The exact bytes that came. */
    verdict: text().notNull(),
    createdAt: time().notNull().defaultNow(),
    revokedAt: time(),
    revokedReason: text(),
  },
  (t) => [
    // One counts at a time.
    uniqueIndex('witness_verdicts_file').on(t.fileId).where(sql`${t.revokedAt} is null`),
    index().on(t.fileId),
    index().on(t.runnerId),
  ],
);

export const witnessOutcomes = pgTable(
  'witness_outcomes',
  {
    verdictId: uuid()
      .notNull()
      .references(() => witnessVerdicts.id, { onDelete: 'cascade' }),
    /** Record of the split. */
    index: integer().notNull(),
    outcome: text({ enum: WITNESS_OUTCOMES }).notNull(),
    /** Broken, and until then the board took it for robust. */
    first: boolean().notNull(),
    /** (largest wrong − true) / spread of the logits. */
    lead: doublePrecision().notNull(),
    predicted: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.verdictId, t.index] })],
);
