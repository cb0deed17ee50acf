/** Who measures again: machines with a key of their own, each owned by an account or by this installation. */
import { boolean, index, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { users } from './auth';
import { time } from './columns';

export const runners = pgTable(
  'runners',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Null for this installation's own local runner, and where the account was deleted. */
    ownerId: text().references(() => users.id, { onDelete: 'set null' }),
    /** The runner that `npm start` brings along: approved on its own installation alone, and labelled so. */
    local: boolean().notNull().default(false),
    name: text().notNull(),
    /** Base64 of the 32 bytes of an Ed25519 key: what the runner signs can be checked by anybody. */
    publicKey: text().notNull(),
    backend: text({ enum: ['webgpu', 'wasm', 'cpu'] }).notNull(),
    device: text().notNull(),
    /** GPU architecture as the browser names it; null without a GPU. */
    architecture: text(),
    engine: text().notNull(),
    versions: jsonb().$type<Record<string, string>>().notNull(),
    /** An admin's approval: only then do its runs verify. */
    approvedAt: time(),
    approvedBy: text().references(() => users.id, { onDelete: 'set null' }),
    /** A revoked key signs nothing any more, and its runs are revoked with it. */
    revokedAt: time(),
    revokedReason: text(),
    createdAt: time().notNull().defaultNow(),
    lastSeenAt: time().notNull().defaultNow(),
  },
  (t) => [unique().on(t.publicKey), index().on(t.ownerId)],
);
export type Runner = typeof runners.$inferSelect;
