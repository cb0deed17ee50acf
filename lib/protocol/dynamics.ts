/**
 * One point of the curves that show collapse happening: NC1–NC4, simplex similarity and the nearest-centre rule of a model
 * as it stands, on the first so many training images, clean and perturbed. Attacks are the board's, on the model in
 * inference mode, fresh for every model.
 */
import { COLLAPSE_CONDITIONS, type Condition } from '../attacks/catalogue';
import { ClassStats, classMeans } from '../collapse/class-stats';
import { leaps } from '../collapse/leaps';
import type { Collapse } from '../collapse/nc';
import { average, type SimplexSimilarity } from '../collapse/simplex';
import type { Records } from '../data/datasets';
import { Failure } from '../failure';
import { Network } from '../model/network';
import type { Model } from '../model/preflight';
import type { Board } from './boards';
import { CollapseStage } from './collapse-stage';
import { LayerStage } from './layer-stage';
import { type MeasureJob, measure } from './measure';
import type { Report } from './report';

export interface ConditionPoint {
  /** Share of images that the network names rightly; of targeted images, too, the true class counts. */
  accuracy: number;
  /** Mean cross-entropy of the true class, nats. */
  loss: number;
  /** Share of images whose nearest *clean* class mean is the true class. */
  ncc: number;
  /** Share of images whose nearest clean class mean is that of (y + 1) mod C. */
  leapt: number;
  collapse: Collapse;
  /** Against the clean simplex; absent for clean images. */
  simplex?: SimplexSimilarity;
}

export interface DynamicsPoint {
  images: number;
  conditions: Partial<Record<Condition, ConditionPoint>>;
  /** Along depth, as in a report; accuracy of the nearest clean centre is of these training images. */
  layers?: NonNullable<Report['layers']>;
}

export interface DynamicsOptions {
  board: Board;
  seed: number;
  /** Images on the device at once; nothing in the outcome depends on it but float32 rounding. */
  batch: number;
  conditions?: readonly Condition[];
  /** Those of them that are measured layer by layer as well; none by default. Clean goes with any. */
  byLayer?: readonly Condition[];
  /** Hears of the features of each condition, clean first: [images × dim], float32. */
  onFeatures?(condition: Condition, features: Float32Array): void;
  /** Called between batches; may throw, which ends the measurement. */
  rest?(): Promise<void>;
}

/** Measures one model on training images 0 … N − 1. */
export async function dynamicsOf(model: Model, data: Records, options: DynamicsOptions): Promise<DynamicsPoint> {
  const { board, seed, batch, conditions = COLLAPSE_CONDITIONS, byLayer = [] } = options;
  if ('missing' in model.feature) throw new Failure('model-refused', `collapse can't be measured: ${model.feature.missing}`);
  const { dim } = model.feature;
  const network = new Network(model.graph);
  const { labels, images } = data;
  const size = images.length / labels.length;
  const stage = new CollapseStage(model, network.classes);
  const layers = byLayer.length ? new LayerStage(model, network.classes) : undefined;
  const point: DynamicsPoint = { images: labels.length, conditions: {} };
  let centres: ReturnType<typeof classMeans> | undefined;
  try {
    for (const condition of ['clean' as const, ...conditions.filter((c) => c !== 'clean')]) {
      const deep = layers && (condition === 'clean' || byLayer.includes(condition)) ? layers : undefined;
      const sums = deep?.sumsPass(condition);
      const units = [];
      for (let first = 0; first < labels.length; first += batch) {
        await options.rest?.();
        const last = Math.min(labels.length, first + batch);
        const job = {
          ...{ split: 'train' as const, first, condition, wantFeatures: true, layers: sums?.tasks ?? [] },
          wantPerturbed: deep !== undefined && condition !== 'clean',
          images: images.subarray(first * size, last * size),
          labels: labels.subarray(first, last),
        };
        const unit = await measure(network, job, { board, seed, restarts: 1 });
        sums?.take(unit.layers);
        // Sums of all layers are large, and folded by now.
        units.push({ ...unit, layers: [], job, labels: job.labels });
      }
      sums?.finish();
      const within = deep?.withinPass(condition);
      for (const unit of within ? units : []) {
        await options.rest?.();
        const { job, perturbed } = unit;
        delete unit.perturbed;
        const again: MeasureJob = {
          ...job,
          wantFeatures: false,
          wantPerturbed: false,
          layers: within?.tasks ?? [],
          ...(perturbed ? { perturbed } : {}),
        };
        within?.take((await measure(network, again, { board, seed, restarts: 1 })).layers);
      }
      within?.finish();
      const features = new Float32Array(labels.length * dim);
      units.forEach((unit, i) => {
        features.set(unit.features as Float32Array, i * batch * dim);
      });
      options.onFeatures?.(condition, features);
      if (condition === 'clean') {
        const stats = new ClassStats(network.classes, dim);
        stats.add(features, labels);
        centres = classMeans(stats);
      }
      const { stay, next } = leaps(features, labels, centres as NonNullable<typeof centres>);
      const hits = units.reduce((sum, u) => sum + u.predictions.reduce((n, p, i) => n + (p === u.labels[i] ? 1 : 0), 0), 0);
      const losses = units.reduce((sum, u) => sum + u.losses.reduce((a, b) => a + b, 0), 0);
      point.conditions[condition] = {
        ...{ accuracy: hits / labels.length, loss: losses / labels.length, ncc: stay / labels.length, leapt: next / labels.length },
        collapse: stage.add(condition, units),
        ...(stage.simplex[condition] ? { simplex: stage.simplex[condition] } : {}),
      };
    }
    return layers ? { ...point, layers: layers.report(0, labels.length) } : point;
  } finally {
    network.dispose();
  }
}

const MEASURES = ['nc1', 'nc2NormMeans', 'nc2NormWeights', 'nc2AngleMeans', 'nc2AngleWeights', 'nc3', 'nc4', 'trRatio', 'rank'] as const;
/** A row for each epoch and condition; what is not defined is empty. Angles in radians, mean over the classes. */
export function dynamicsCsv(series: readonly (DynamicsPoint & { epoch: number })[]): string {
  const head = ['epoch', 'condition', 'images', 'accuracy', 'loss', 'ncc', 'leapt', ...MEASURES, 'angleCentred', 'distanceCentred'];
  const rows = series.flatMap(({ epoch, images, conditions }) =>
    Object.entries(conditions).map(([condition, { accuracy, loss, ncc, leapt, collapse, simplex }]) => [
      ...[epoch, condition, images, accuracy, loss, ncc, leapt, ...MEASURES.map((m) => collapse[m])],
      ...[average(simplex?.angleCentred), average(simplex?.distanceCentred)],
    ]),
  );
  return `${[head, ...rows].map((row) => row.map((v) => v ?? '').join(',')).join('\n')}\n`;
}
