/** What was submitted: a model has versions, a version is a set of files, each named by the SHA-256 of its bytes. */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { users } from './auth';
import { bytea, time } from './columns';

/** How a model was trained, as its submitter says. */
export const RECIPES = ['ST', 'AT', 'TRADES', 'other'] as const;
export type Recipe = (typeof RECIPES)[number];

/**
 * `uploading`: files are missing or unchecked, only the owner sees it. `draft`: checked, private. `public`: on the board.
 * `refused`: the server's own checks found it unfit; `reasons` says why. `hidden`: an admin took it from sight, for `reasons`;
 * its owner and the admins see it, everybody else that it was hidden and why.
 */
export const VERSION_STATES = ['uploading', 'draft', 'public', 'refused', 'hidden'] as const;
export type VersionState = (typeof VERSION_STATES)[number];

/** What its submitter says of a version. */
const details = {
  description: text().notNull().default(''),
  recipe: text({ enum: RECIPES }).notNull(),
  /** Data beyond the board's training split; null: none. */
  extraData: text(),
  /** Radius of adversarial training in pixel units of [0, 1]; null where there was none. */
  epsilonTrained: doublePrecision(),
  paperUrl: text(),
  codeUrl: text(),
  /** SPDX identifier. */
  licence: text().notNull(),
};

export const models = pgTable(
  'models',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** In addresses; lower-case letters, digits and hyphens. */
    slug: text().notNull().unique(),
    name: text().notNull(),
    /** Null for this installation's own baselines, and where the account was deleted. */
    ownerId: text().references(() => users.id, { onDelete: 'set null' }),
    baseline: boolean().notNull().default(false),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [index().on(t.ownerId)],
);

export const versions = pgTable(
  'versions',
  {
    id: uuid().primaryKey().defaultRandom(),
    modelId: uuid()
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    /** 1, 2, … within the model. */
    number: integer().notNull(),
    /** The model's identity in reports: over model.json and the weights. */
    sha256: text().notNull(),
    /** The board that it was submitted to; others of the same data set may follow. */
    board: text().notNull(),
    state: text({ enum: VERSION_STATES }).notNull().default('uploading'),
    reasons: jsonb().$type<string[]>().notNull().default([]),
    /** Why it takes no runs and no witnesses from accounts just now; null: it does. */
    locked: text(),
    /** Why it is out of the ranking for good; public. Null: it isn't. */
    disqualified: text(),
    bytes: bigint({ mode: 'number' }).notNull(),
    /** Its submitter left and had the files removed; what was measured stays. Null: they are here. */
    weightsRemovedAt: time(),
    ...details,
    /** Found by the server's own reading of the files; null until then. */
    params: bigint({ mode: 'number' }),
    macs: bigint({ mode: 'number' }),
    layers: integer(),
    classes: integer(),
    featureLayer: text(),
    featureDim: integer(),
    notes: jsonb().$type<string[]>().notNull().default([]),
    createdAt: time().notNull().defaultNow(),
    checkedAt: time(),
    publishedAt: time(),
  },
  (t) => [
    unique().on(t.modelId, t.number),
    unique().on(t.modelId, t.sha256),
    // The same weights stand on the site once.
    uniqueIndex('versions_public_sha256').on(t.sha256).where(sql`${t.state} = 'public'`),
    index().on(t.sha256),
  ],
);

/** What tells a version's weights from others' (lib/model/weight-sketch.ts), taken when the site read its files. */
export const weightSketches = pgTable(
  'weight_sketches',
  {
    versionId: uuid()
      .primaryKey()
      .references(() => versions.id, { onDelete: 'cascade' }),
    /** SHA-256 over the kernels' shapes: sketches of equal ones can be compared. Empty: the files could not be read. */
    shapes: text().notNull(),
    /** Little-endian float32. */
    sketch: bytea().notNull(),
    /** Of the public versions of other accounts that were there before, the nearest, if it is near enough for a flag. */
    nearVersionId: uuid().references(() => versions.id, { onDelete: 'set null' }),
    cosine: doublePrecision(),
  },
  (t) => [index().on(t.shapes), index().on(t.nearVersionId)],
);

/** Blobs that may have lost the last version that named them; looked at, and removed if so, when there is a quiet moment. */
export const looseBlobs = pgTable('loose_blobs', { sha256: text().primaryKey(), since: time().notNull().defaultNow() });

export const files = pgTable(
  'files',
  {
    versionId: uuid()
      .notNull()
      .references(() => versions.id, { onDelete: 'cascade' }),
    /** Relative to the model's folder, as model.json names it. */
    path: text().notNull(),
    sha256: text().notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    /** Its bytes came in with this version and matched, or were known already from what its owner may read. */
    arrivedAt: time(),
  },
  (t) => [primaryKey({ columns: [t.versionId, t.path] }), index().on(t.sha256)],
);
