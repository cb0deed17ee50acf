/** What the API gives and takes, as zod schemas: the OpenAPI file is made of these. Requests refuse unknown fields. */
import { z } from '@hono/zod-openapi';
import licenceIds from 'spdx-license-ids/index.json';
import { BOARD_SORTS, type BoardSort } from '@/db/queries/board';
import { EVENT_KINDS, RECIPES, SPOT_VERDICTS, VERSION_STATES } from '@/db/schema';
import { CHECKS } from '@/lib/confidence/catalogue';
import { isSafePath } from '@/lib/model/bundle';
import { BOARDS, PROTOCOL } from '@/lib/protocol/boards';
import { RANKINGS, RUN_KINDS, STANDING_STATES } from '@/lib/protocol/standing';

/** A request's largest body: what Vercel's functions take. A file is sent in one. */
export const MAX_BODY = 4_500_000;

/** Text that a database can keep. */
export const isStorable = (text: string) => !/[\0\p{Cs}]/u.test(text);
export const UNSTORABLE = 'NUL and halves of characters are not allowed';
const storable = [isStorable, UNSTORABLE] as const;

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');
const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1).nullable();
const metric = z.number().nullable();
export const time = z.iso.datetime();
export const boardIdSchema = z.enum([...BOARDS.keys()] as [string, ...string[]]);

export const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) }).openapi('Error');

export const boardSchema = z
  .object({
    id: boardIdSchema,
    dataset: z.string(),
    norm: z.enum(['linf', 'l2']),
    epsilon: z.number(),
    epsilonLabel: z.string(),
    alpha: z.number(),
    steps: count,
    protocol: z.string(),
    rows: count.openapi({ description: 'public versions measured on it' }),
  })
  .openapi('Board');

export const rowSchema = z
  .object({
    versionId: z.uuid(),
    protocol: z.string(),
    slug: z.string(),
    name: z.string(),
    version: count,
    sha256: sha256Schema,
    submitter: z.string().nullable(),
    weightsRemoved: z.boolean().openapi({ description: 'its files can’t be had any more' }),
    variants: count.nullable().openapi({ description: 'versions that its submitter has sent to this board, drafts among them' }),
    baseline: z.boolean(),
    tier: count.nullable().openapi({ description: 'rows of a tier are not separable at 95 % (exact paired McNemar); null: not ranked' }),
    state: z.enum(STANDING_STATES),
    reason: z.string().nullable(),
    rankings: z.array(z.enum(['pgd', 'autoattack'])),
    runId: z.uuid().openapi({ description: 'the run whose numbers the row shows' }),
    full: z.boolean().openapi({ description: 'false: a preview, never ranked' }),
    samples: count,
    autoattackSamples: count
      .nullable()
      .openapi({ description: 'the first of the samples, which autoattack and robust are of; null: robust is of all samples' }),
    trainSamples: count,
    clean: share,
    pgd10: share,
    pgd: share.openapi({ description: 'per-sample minimum of clean, pgd-10 and pgd-margin' }),
    autoattack: share,
    robust: share.openapi({ description: 'per-sample minimum over every accepted attack' }),
    robustLow: share,
    robustHigh: share,
    nc1: metric,
    nc2: metric,
    nc3: metric,
    nc4: metric,
    nc1Adversarial: metric,
    meansRank: count.nullable(),
    collapse: metric.openapi({ description: '0 … 100, on clean features' }),
    collapseAdversarial: metric.openapi({ description: '0 … 100, on features of pgd-10 images; another scale than the clean one' }),
    flags: z.array(z.string()),
    nearDuplicate: z
      .string()
      .nullable()
      .openapi({ description: 'SLUG@NUMBER of a public version of another account, there before, whose weights are almost these' }),
    nearDuplicateCosine: z
      .number()
      .nullable()
      .openapi({ description: `between the kernels of the two; flagged from ${CHECKS['duplicate-weights'].threshold} on` }),
    params: count.nullable(),
    macs: count.nullable(),
    classes: count.nullable(),
    recipe: z.enum(RECIPES),
    extraData: z.string().nullable(),
    epsilonTrained: z.number().nullable(),
    licence: z.string(),
    measuredAt: time,
  })
  .openapi('Row');

export const rowsSchema = z.object({ rows: z.array(rowSchema), next: z.string().optional() }).openapi('Rows');

const rowFields = Object.keys(rowSchema.shape) as [keyof typeof rowSchema.shape & string, ...(keyof typeof rowSchema.shape & string)[]];
const sorts = Object.keys(BOARD_SORTS) as [BoardSort, ...BoardSort[]];
const list = <T extends string>(values: readonly [T, ...T[]]) =>
  z
    .string()
    .transform((text) => text.split(',').filter(Boolean))
    .pipe(z.array(z.enum(values)));

export const rowsQuerySchema = z.strictObject({
  ranking: z.enum(RANKINGS).default('pgd').openapi({ description: 'which ranking the tiers are of' }),
  sort: z.enum(sorts).default('robust'),
  order: z.enum(['asc', 'desc']).optional(),
  search: z
    .string()
    .max(100)
    .refine(...storable)
    .optional(),
  recipe: list(RECIPES).optional().openapi({ type: 'string', description: 'comma-separated' }),
  state: list(STANDING_STATES).optional().openapi({ type: 'string', description: 'comma-separated' }),
  extraData: z.enum(['yes', 'no']).optional(),
  protocol: z
    .string()
    .regex(/^\d{1,3}$/)
    .default(PROTOCOL)
    .openapi({ description: 'the newest without it' }),
  format: z.enum(['json', 'csv']).default('json'),
  columns: list(rowFields)
    .optional()
    .openapi({ type: 'string', description: 'of the CSV, comma-separated and in this order; all without it' }),
  limit: z.coerce.number().int().min(1).max(500).optional().openapi({ description: '100 without it; a CSV has every row then' }),
  cursor: z.string().max(300).optional(),
});

export const fileSchema = z
  .strictObject({
    // What a pattern in the OpenAPI file could not say to every reader of it is refined.
    path: z
      .string()
      .min(1)
      .max(255)
      .refine(isSafePath, 'expected a relative path inside the model’s folder')
      .refine(...storable),
    sha256: sha256Schema,
    bytes: z
      .number()
      .int()
      .positive()
      .max(
        MAX_BODY,
        `a file may have ${MAX_BODY} bytes at most, since a request takes no more; cut the weights into smaller shards (npm run submit does)`,
      ),
  })
  .openapi('File');

export const versionSchema = z
  .object({
    id: z.uuid(),
    number: count,
    sha256: sha256Schema,
    board: z.string(),
    state: z.enum(VERSION_STATES),
    reasons: z.array(z.string()),
    locked: z.string().nullable().openapi({ description: 'why it takes no runs and witnesses from accounts just now' }),
    disqualified: z.string().nullable().openapi({ description: 'why it is out of the ranking' }),
    weightsRemovedAt: time.nullable().openapi({ description: 'its submitter left and had the files removed then' }),
    bytes: count,
    description: z.string(),
    recipe: z.enum(RECIPES),
    extraData: z.string().nullable(),
    epsilonTrained: z.number().nullable(),
    paperUrl: z.string().nullable(),
    codeUrl: z.string().nullable(),
    licence: z.string(),
    params: count.nullable(),
    macs: count.nullable(),
    layers: count.nullable(),
    classes: count.nullable(),
    featureLayer: z.string().nullable(),
    featureDim: count.nullable(),
    notes: z.array(z.string()),
    createdAt: time,
    publishedAt: time.nullable(),
  })
  .openapi('Version');

export const spotCheckSchema = z
  .object({
    stage: count.openapi({ description: '1 or 2: the one that is to be attacked, or the last one' }),
    robust: count.openapi({ description: 'samples that the claim calls robust' }),
    attacked: count.openapi({ description: 'of these, drawn by lot and attacked again with the claim’s seed until now' }),
    broken: count.openapi({ description: 'of these, broken' }),
    verdict: z.enum(SPOT_VERDICTS).nullable().openapi({ description: 'null until it has ended; a check that passed does not rank' }),
    endedAt: time.nullable(),
  })
  .openapi('SpotCheck');

export const runSchema = z
  .object({
    id: z.uuid(),
    board: z.string(),
    protocol: z.string(),
    level: z.string(),
    kind: z.enum(RUN_KINDS),
    by: z.string().nullable(),
    full: z.boolean(),
    samples: count,
    autoattackSamples: count
      .nullable()
      .openapi({ description: 'where AutoAttack was run: the first of the samples, which robustCorrect is of' }),
    trainSamples: count,
    seed: count,
    cleanCorrect: count.nullable(),
    robustCorrect: count.nullable(),
    environment: z.record(z.string(), z.unknown()),
    startedAt: time,
    durationMs: z.number(),
    createdAt: time,
    revokedAt: time.nullable(),
    revokedReason: z.string().nullable(),
    spotCheck: spotCheckSchema.nullable().openapi({ description: 'of a claim of level standard' }),
  })
  .openapi('Run');

export const runsSchema = z.object({ runs: z.array(runSchema), next: z.string().optional() }).openapi('Runs');

export const standingSchema = z
  .object({
    board: z.string(),
    protocol: z.string(),
    state: z.enum(STANDING_STATES),
    reason: z.string().nullable(),
    rankings: z.array(z.enum(RANKINGS)),
    runId: z.uuid().openapi({ description: 'the run whose numbers count' }),
    basis: z.array(z.uuid()).openapi({ description: 'runs that the state rests on' }),
    full: z.boolean(),
    flags: z.array(z.string()),
    updatedAt: time,
  })
  .openapi('Standing');

export const listedModelSchema = z
  .object({
    slug: z.string(),
    name: z.string(),
    owner: z.string().nullable(),
    baseline: z.boolean(),
    number: count.openapi({ description: 'the newest public version; what follows is said of it' }),
    sha256: sha256Schema,
    board: z.string(),
    params: count.nullable(),
    recipe: z.enum(RECIPES),
    licence: z.string(),
    createdAt: time,
    publishedAt: time,
  })
  .openapi('ListedModel');

export const modelSchema = z
  .object({
    slug: z.string(),
    name: z.string(),
    owner: z.string().nullable(),
    baseline: z.boolean(),
    createdAt: time,
    versions: z.array(
      versionSchema.extend({
        standings: z.array(standingSchema),
        files: z.array(fileSchema),
        runs: z.array(runSchema).openapi({ description: 'the newest 50; all of them under /models/{slug}/versions/{number}/runs' }),
      }),
    ),
  })
  .openapi('Model');

export const eventSchema = z
  .object({
    id: count,
    at: time,
    kind: z.enum(EVENT_KINDS),
    model: z.string().nullable(),
    board: z.string().nullable(),
    runId: z.uuid().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('Event');

export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
    .regex(/^[^\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/, 'control characters are not allowed')
    .refine(...storable);
const link = z
  .url({ protocol: /^https?$/, error: 'expected an address that begins with http:// or https://' })
  .max(500)
  .refine(...storable)
  .nullable()
  .default(null);

/** SPDX's list of licences, and the word for one that isn't on it. */
export const LICENCES: readonly string[] = [...licenceIds, 'LicenseRef-proprietary'];
const licences = new Set(LICENCES);

export const submissionRequestSchema = z
  .strictObject({
    name: line(80).optional().openapi({ description: 'needed by a new model; a further version has the name of its model' }),
    model: z
      .string()
      .max(80)
      .regex(/^[a-z0-9-]+$/, 'expected a slug: lower-case letters, digits and hyphens')
      .optional()
      .openapi({ description: 'slug of an own model that this is the next version of' }),
    board: boardIdSchema,
    sha256: sha256Schema.openapi({ description: 'the model’s hash, as reports name it' }),
    files: z.array(fileSchema).min(1).max(500),
    description: z
      .string()
      .trim()
      .max(2000)
      .refine(...storable)
      .default(''),
    recipe: z.enum(RECIPES),
    extraData: line(200).nullable().default(null),
    epsilonTrained: z.number().positive().max(10).nullable().default(null),
    paperUrl: link,
    codeUrl: link,
    licence: z.string().refine((id) => licences.has(id), 'expected an identifier of the SPDX licence list, such as MIT or CC-BY-4.0'),
  })
  .refine((s) => new Set(s.files.map((f) => f.path)).size === s.files.length, { path: ['files'], error: 'two files have the same path' })
  .refine((s) => s.files.some((f) => f.path === 'model.json'), { path: ['files'], error: 'model.json is missing' })
  .openapi('SubmissionRequest');

export const submissionSchema = z
  .object({
    versionId: z.uuid(),
    slug: z.string(),
    number: count,
    state: z.enum(VERSION_STATES),
    missing: z.array(sha256Schema).openapi({ description: 'files whose bytes are still to be sent' }),
  })
  .openapi('Submission');

export const addedRunSchema = z
  .object({
    runId: z.uuid(),
    known: z.boolean().openapi({ description: 'the same bytes were there already' }),
    kind: z.enum(RUN_KINDS),
    state: z.enum(STANDING_STATES).nullable(),
  })
  .openapi('AddedRun');
