/** Small sets of features for the tests of lib/collapse. */
import { type ClassMeans, ClassStats, classMeans } from '../collapse/class-stats';
import { type Collapse, collapse } from '../collapse/nc';
import { type MeansSpan, meansSpan } from '../collapse/span';
import { addWithin, nearestMeans, type WithinSums, withinSums } from '../collapse/within-class';
import { standardNormal } from '../random';

export interface FeatureSet {
  /** [samples × dim] row-major */
  features: Float32Array;
  labels: number[];
}

export function normals(seed: number, count: number): Float64Array {
  return standardNormal({ seed, tag: 900, sample: 0, split: 'test' }, count);
}

export function meansOf({ features, labels }: FeatureSet, classes: number): ClassMeans {
  const stats = new ClassStats(classes, features.length / labels.length);
  stats.add(features, labels);
  return classMeans(stats);
}

/** Predictions of the linear layer whose rows are `weights`, without a bias; first of equals. */
export function linearPredictions({ features, labels }: FeatureSet, weights: Float64Array, classes: number): number[] {
  const dim = features.length / labels.length;
  return labels.map((_, n) => {
    const scores = Array.from({ length: classes }, (_, c) => {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += weights[c * dim + i] * features[n * dim + i];
      return sum;
    });
    return scores.indexOf(Math.max(...scores));
  });
}

export interface Measured extends Collapse {
  means: ClassMeans;
  span: MeansSpan;
  within: WithinSums;
}

/** All metrics, the way the protocol computes them; the scatter may come from a second set. */
export function measured(set: FeatureSet, weights: Float64Array, classes: number, scatterOf: FeatureSet = set): Measured {
  const means = meansOf(set, classes);
  const span = meansSpan(means);
  const within = withinSums(span.rank);
  addWithin(within, scatterOf.features, scatterOf.labels, means, span);
  const predictions = linearPredictions(scatterOf, weights, classes);
  const nearest = nearestMeans(scatterOf.features, scatterOf.labels.length, means);
  const agreements = predictions.reduce((n, p, i) => n + (p === nearest[i] ? 1 : 0), 0);
  return { ...collapse(means, span, within, agreements, weights), means, span, within };
}

/** Vertices of a regular simplex, row per class: √(C/(C−1))·(e_c − 1/C), in the first C of `dim` coordinates, times `scale`. */
export function simplexVertices(classes: number, dim: number, scale = 1): Float64Array {
  const rows = new Float64Array(classes * dim);
  const length = Math.sqrt(classes / (classes - 1)) * scale;
  for (let c = 0; c < classes; c++) for (let i = 0; i < classes; i++) rows[c * dim + i] = length * ((c === i ? 1 : 0) - 1 / classes);
  return rows;
}

/** Classes around given centres with normal scatter; sample n belongs to class n mod C. */
export function clusters(seed: number, centres: Float64Array, classes: number, samples: number, spread: number): FeatureSet {
  const dim = centres.length / classes;
  const noise = normals(seed, samples * dim);
  const labels = Array.from({ length: samples }, (_, n) => n % classes);
  const features = new Float32Array(samples * dim);
  for (let n = 0; n < samples; n++) {
    for (let i = 0; i < dim; i++) features[n * dim + i] = centres[labels[n] * dim + i] + spread * noise[n * dim + i];
  }
  return { features, labels };
}

/** A random orthogonal matrix [dim × dim] by Gram–Schmidt on normal numbers. */
export function rotation(seed: number, dim: number): Float64Array {
  const q = normals(seed, dim * dim);
  for (let r = 0; r < dim; r++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let s = 0; s < r; s++) {
        let dot = 0;
        for (let i = 0; i < dim; i++) dot += q[r * dim + i] * q[s * dim + i];
        for (let i = 0; i < dim; i++) q[r * dim + i] -= dot * q[s * dim + i];
      }
    }
    let norm = 0;
    for (let i = 0; i < dim; i++) norm += q[r * dim + i] ** 2;
    for (let i = 0; i < dim; i++) q[r * dim + i] /= Math.sqrt(norm);
  }
  return q;
}

/** Rows times the transposed matrix: each row x becomes Q·x. */
export function rotated(rows: ArrayLike<number>, q: Float64Array): Float64Array {
  const dim = Math.sqrt(q.length);
  const out = new Float64Array(rows.length);
  for (let n = 0; n < rows.length / dim; n++) {
    for (let r = 0; r < dim; r++) {
      for (let i = 0; i < dim; i++) out[n * dim + r] += q[r * dim + i] * rows[n * dim + i];
    }
  }
  return out;
}
