/**
 * The report: what an evaluation says, what the browser shows, the API stores and a runner signs. This schema is its one
 * definition (contract §5). Accuracies are fractions, losses means in nats; what is not defined is null or absent.
 */
import { z } from 'zod';
import { ATTACK_IDS, LEVELS } from '../attacks/catalogue';
import { GRADES } from '../confidence/catalogue';

const count = z.number().int().nonnegative();
/** Images, classes, layers: far above any data set, far below what a database's integer holds. */
const few = count.max(100_000_000);
/** Words of an environment or a note. */
const words = z.string().max(500);
const fraction = z.number().min(0).max(1);
const value = z.number().nonnegative().nullable();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const splitSchema = z.strictObject({ sha256, records: few, official: z.boolean() });

const attackSchema = z.strictObject({
  accuracy: fraction,
  correct: count,
  loss: z.number(),
  linfMax: z.number().nonnegative(),
  l2Max: z.number().nonnegative(),
  durationMs: z.number().nonnegative(),
  forwards: count,
  backwards: count,
  targetRate: fraction.optional(),
  /** Of AutoAttack's attacks, which run on what those before them left: images attacked; the others keep their outcome. */
  attacked: count.optional(),
  /** Images that such an attack's own point breaks, but not the witness that would be stored of it; they count as holding. */
  lostToRounding: count.optional(),
});

const collapseSchema = z.strictObject({
  nc1: value,
  nc2NormMeans: value,
  nc2NormWeights: value,
  nc2AngleMeans: value,
  nc2AngleWeights: value,
  nc3: value,
  nc4: value,
  trRatio: value,
  rank: few,
});

const simplexSchema = z.strictObject({
  distance: z.array(value),
  angle: z.array(value),
  distanceCentred: z.array(value),
  angleCentred: z.array(value),
  globalMeanDistance: z.number(),
  globalMeanAngle: z.number(),
});

const layerValues = z.strictObject({
  trSw: value,
  trSb: value,
  trRatio: value,
  nc1: value,
  /** Share of test samples whose nearest clean-train class mean is the true class; null without a test part. */
  nccAccuracy: value,
  nccAccuracyTrain: value,
});

const checkId = z.string().regex(/^[a-z0-9-]{1,40}$/);

/** What was checked of the run itself; a value is null where a check did not run, and `notRun` says why. */
const confidenceSchema = z.strictObject({
  grade: z.enum(GRADES).nullable(),
  ruleVersion: z.number().int().positive(),
  /** Images that count as robust and that a probe of the checks broke in the same ball; of the first so many. */
  besides: z.strictObject({ broken: few, samples: few }).optional(),
  checks: z
    .array(
      z.strictObject({
        id: checkId,
        value: z.number().nullable(),
        threshold: z.number(),
        raised: z.boolean(),
        /** Images that it is of. */
        samples: few.optional(),
        /** Of a difference of two conditions: images on which they differ. */
        differ: few.optional(),
        notRun: words.optional(),
      }),
    )
    .max(100),
});

/** `at`: radius, steps or restarts; one that rises. */
const curveSchema = z.strictObject({
  attack: z.enum(ATTACK_IDS),
  points: z.array(z.strictObject({ at: z.number().nonnegative(), correct: few, accuracy: fraction })).max(100),
});

const CONDITIONS = ['clean', ...ATTACK_IDS] as const;
const perCondition = <T extends z.ZodType>(schema: T) => z.partialRecord(z.enum(CONDITIONS), schema);

export const reportSchema = z.strictObject({
  schema: z.literal('report/1'),
  protocol: z.literal('1'),
  board: z.string(),
  level: z.enum(LEVELS),
  seed: z.number().int().min(0).max(0xffffffff),
  restarts: z.number().int().min(1),
  model: z.strictObject({
    sha256,
    params: count,
    macs: count,
    layers: count,
    featureLayer: z.string().nullable(),
    featureDim: count.nullable(),
    classes: count,
    notes: z.array(words).max(200),
  }),
  environment: z.strictObject({
    backend: z.enum(['webgpu', 'wasm', 'cpu']),
    device: words,
    engine: words,
    versions: z.record(z.string().max(50), z.string().max(100)),
    workers: count,
    batch: count,
  }),
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  data: z.strictObject({ test: splitSchema.optional(), train: splitSchema.optional() }),
  /** `autoattackSamples`: where AutoAttack was run, the first of the samples that it ran on; all of them where it isn't said. */
  counts: z.strictObject({ samples: few, autoattackSamples: few.optional(), trainSamples: few, forwards: count, backwards: count }),
  clean: z.strictObject({ accuracy: fraction, loss: z.number(), correct: count }).nullable(),
  /** Of the test part, per class: how many samples there are (and how many AutoAttack ran on), and how many are right under each condition. */
  classes: z
    .strictObject({ samples: z.array(count), autoattackSamples: z.array(count).optional(), correct: perCondition(z.array(count)) })
    .optional(),
  attacks: z.partialRecord(z.enum(CONDITIONS).exclude(['clean']), attackSchema),
  robust: z
    .strictObject({ accuracy: fraction, correct: count, interval95: z.tuple([fraction, fraction]), brokenBy: z.record(z.string(), count) })
    .optional(),
  collapse: perCondition(collapseSchema).nullable(),
  /** Why collapse is null. */
  collapseReason: z.string().optional(),
  simplex: perCondition(simplexSchema),
  /** Cosines between the globally centred class means, [C × C]; null where a mean has no direction. */
  cosines: perCondition(z.array(z.array(z.number().min(-1).max(1).nullable()))).optional(),
  layers: z.array(z.object({ name: z.string(), dim: count }).catchall(layerValues)).optional(),
  /** The checks that ran. */
  flags: z.array(z.strictObject({ id: checkId, value: z.number(), threshold: z.number() })),
  /**
   * Of the clean test images, base64: a byte each, the class that the network names, and a bitmap of those whose two largest
   * logits are closer than τ of their spread.
   */
  outputs: z.strictObject({ tau: z.number().positive(), predictions: z.base64(), ambiguous: z.base64() }).optional(),
  /** Absent from reports that are older than it. */
  confidence: confidenceSchema.optional(),
  /** On the first `samples` test images. */
  curves: z.strictObject({ samples: few, radius: curveSchema, steps: curveSchema, restarts: curveSchema }).optional(),
  evidence: z.record(z.string(), z.base64()),
});

export type Report = z.infer<typeof reportSchema>;
export type AttackReport = z.infer<typeof attackSchema>;
export type LayerValues = z.infer<typeof layerValues>;

/** A flag counts against the score when its value is above its threshold. */
export const isRaised = (flag: Report['flags'][number]) => flag.value > flag.threshold;
