/**
 * A stored run of the reproduction: one training, what was measured while it went, and an evaluation of the finished model.
 * Made from what `train --measure` and `evaluate --layers` write, without anything that they did not say.
 */
import { z } from 'zod';
import { type Checked, refuse } from '../model/bundle';
import { reportSchema } from '../protocol/report';

const share = z.number().min(0).max(1);
const measured = z.number().nullable();

/** One condition at one epoch; collapse of the first training images, angles in radians. */
const pointSchema = z.object({
  accuracy: share,
  /** Of images nearest to the clean mean of their own class, and of the next one. */
  ncc: share,
  leapt: share,
  ...{ nc1: measured, nc2NormMeans: measured, nc2AngleMeans: measured, nc3: measured, nc4: measured },
  /** Mean over the classes, between the condition's class mean and the clean one, both centred. */
  angle: measured.optional(),
  /** The same mean of their Euclidean distance, in units of the features. */
  distance: measured.optional(),
});
export type Point = z.infer<typeof pointSchema>;

const epochSchema = z.object({
  epoch: z.number().int().positive(),
  loss: z.number(),
  accuracy: share,
  testAccuracy: share,
  collapse: z.record(z.string(), pointSchema).optional(),
});

/** Class by class, of the finished model, as `simplex` of a report: centred angles in radians, distances in units of the features. */
const simplexSchema = z.record(z.string(), z.object({ angle: z.array(measured), distance: z.array(measured) }));

const layerSchema = z.object({ nc1: measured, nccAccuracy: measured, nccAccuracyTrain: measured });

export const recipeSchema = z.object({
  board: z.string(),
  mode: z.string(),
  net: z.string(),
  width: z.number().optional(),
  epochs: z.number(),
  batch: z.number(),
  learningRate: z.number(),
  schedule: z.string(),
  momentum: z.number(),
  weightDecay: z.number(),
  seed: z.number(),
  trainSamples: z.number(),
  warmup: z.number().optional(),
  backend: z.string().optional(),
  measure: z.number(),
  measureEvery: z.number(),
});
export type Recipe = z.infer<typeof recipeSchema>;

export const paperRunSchema = z.object({
  recipe: recipeSchema,
  /** Of the finished model. */
  model: z.string(),
  device: z.string(),
  epochs: z.array(epochSchema).min(1),
  test: z.object({ samples: z.number(), clean: share, pgd: share, robust: share }),
  layers: z.array(z.object({ name: z.string(), clean: layerSchema, pgd: layerSchema })).min(1),
  /** Runs of before it was kept have none. */
  simplex: simplexSchema.optional(),
});
export type PaperRun = z.infer<typeof paperRunSchema>;
/** The file of all of them. */
export const paperRunsSchema = z.object({ runs: z.array(paperRunSchema) });

/** What a training may have besides, and a run of the reproduction has not: its commands would not make it again. */
const FOREIGN = ['imbalance', 'shortcut', 'from'] as const;
const metadataSchema = recipeSchema.extend({
  history: z.array(epochSchema),
  ...Object.fromEntries(FOREIGN.map((name) => [name, z.undefined('must not be given').optional()])),
});

/** @param metadata of model.json, as `train` writes it */
export function paperRun(metadata: unknown, report: unknown): Checked<PaperRun> {
  const made = metadataSchema.safeParse(metadata);
  if (!made.success) return refuse(`model.json is not of a training with --measure: ${z.prettifyError(made.error)}`);
  const seen = reportSchema.safeParse(report);
  if (!seen.success) return refuse(`report.json is not a report of evaluate: ${z.prettifyError(seen.error)}`);
  const { history, ...recipe } = made.data;
  const { board, seed, counts, clean, attacks, robust, layers, simplex, environment, model } = seen.data;
  if (history.length < recipe.epochs)
    return refuse(`model.json is of a training that broke off after epoch ${history.length} of ${recipe.epochs}`);
  if (board !== recipe.board) return refuse(`report.json must be of board ${recipe.board}, got ${board}`);
  if (seed !== recipe.seed) return refuse(`report.json must be of seed ${recipe.seed}, got ${seed}`);
  if (counts.trainSamples !== recipe.measure)
    return refuse(`report.json must be of ${recipe.measure} training images, as --measure, got ${counts.trainSamples}`);
  const pgd = attacks['pgd-10'];
  if (!clean || !pgd || !robust) return refuse('report.json must hold clean accuracy and PGD: evaluate with --samples above 0');
  if (!layers?.length) return refuse('report.json must hold layers: evaluate with --layers');
  return {
    ok: true,
    value: {
      recipe,
      model: model.sha256,
      device: `${environment.backend} on ${environment.device}`,
      epochs: history,
      test: { samples: counts.samples, clean: clean.accuracy, pgd: pgd.accuracy, robust: robust.accuracy },
      layers: layers.map((layer) => ({ name: layer.name, clean: numbersOf(layer.clean), pgd: numbersOf(layer['pgd-10']) })),
      simplex: Object.fromEntries(
        Object.entries(simplex).map(([condition, { angleCentred, distanceCentred }]) => [
          condition,
          { angle: angleCentred, distance: distanceCentred },
        ]),
      ),
    },
  };
}

type LayerNumbers = z.infer<typeof layerSchema>;
const numbersOf = (found: Partial<LayerNumbers> | undefined): LayerNumbers => ({
  nc1: found?.nc1 ?? null,
  nccAccuracy: found?.nccAccuracy ?? null,
  nccAccuracyTrain: found?.nccAccuracyTrain ?? null,
});

/** What a run is told from others by: of two of the same name the later counts. */
export const nameOf = ({ recipe: { board, net, width, trainSamples, mode, seed } }: Pick<PaperRun, 'recipe'>): string =>
  [
    board,
    String(trainSamples),
    ...(net === 'small' && width === undefined ? [] : [net, ...(width === undefined ? [] : [String(width)])]),
    mode,
    String(seed),
  ].join(' ');

/** The two commands that make a run again, in a folder named after it or in another. */
export function commandsOf(
  { recipe, test, device }: PaperRun,
  folder = `runs/${nameOf({ recipe }).replaceAll(/[ /]/g, '_')}`,
): [train: string, evaluate: string] {
  const options = {
    ...{ board: recipe.board, mode: recipe.mode, net: recipe.net, width: recipe.width, seed: recipe.seed },
    ...{ 'train-samples': recipe.trainSamples, batch: recipe.batch, epochs: recipe.epochs, lr: recipe.learningRate },
    ...{ schedule: recipe.schedule, momentum: recipe.momentum, 'weight-decay': recipe.weightDecay, warmup: recipe.warmup },
    ...{ measure: recipe.measure, 'measure-every': recipe.measureEvery },
    // Bits depend on it; runs of before it was kept were evaluated where they were trained.
    ...{ backend: recipe.backend ?? device.split(' ')[0], out: folder },
  };
  const train = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]));
  const counts = `--samples ${test.samples} --train-samples ${recipe.measure} --layers --seed ${recipe.seed}`;
  return [
    `npm run -s train -- ${train.join(' ')}`,
    `npm run -s evaluate -- --model ${folder} --board ${recipe.board} ${counts} --out ${folder}/report.json`,
  ];
}

/** Then this puts what they wrote into the file of the page. */
export const GATHER = 'npm run -s paper -- --runs runs --out public/paper/runs.json --add';
