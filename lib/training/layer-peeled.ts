/**
 * The layer-peeled model (Fang et al., arXiv 2101.12699) and the unconstrained-features model (Mixon et al.; Zhu et al.,
 * arXiv 2105.02375): features H [samples × dim] and last layer W [classes × dim] are free variables, without network or
 * bias. Their optimum over balanced classes is known, a simplex with H = W up to scale, so they are exact oracles for
 * NC1 … NC3, and their course is a fine animation. Float64; few enough numbers for plain loops.
 */
import { standardNormal, TAG } from '../random';

/** `peeled`: mean ‖h_n‖² ≤ energy and mean ‖w_c‖² ≤ energy, by projection. `unconstrained`: λ/2·(‖H‖²/N + ‖W‖²/C) is added. */
export type FeatureConstraint = { kind: 'peeled'; energy: number } | { kind: 'unconstrained'; weightDecay: number };

export interface PeeledOptions {
  /** Samples of each class; unequal ones show minority collapse. */
  counts: readonly number[];
  /** At least the number of classes − 1. */
  dim: number;
  constraint: FeatureConstraint;
  /** Step of gradient descent, for H times N and for W times C, so that it means the same for any number of samples. */
  rate: number;
  seed: number;
}

/** Scales rows so that their mean square length is at most `energy`. */
function project(rows: Float64Array, count: number, energy: number): void {
  const mean = rows.reduce((sum, v) => sum + v * v, 0) / count;
  if (mean <= energy) return;
  const scale = Math.sqrt(energy / mean);
  for (let i = 0; i < rows.length; i++) rows[i] *= scale;
}

export class LayerPeeledModel {
  readonly labels: number[];
  readonly classes: number;
  readonly dim: number;
  /** [samples × dim] */
  readonly features: Float64Array;
  /** [classes × dim] */
  readonly weights: Float64Array;

  constructor(private readonly options: PeeledOptions) {
    const { counts, dim, seed } = options;
    if (counts.length < 2 || counts.some((n) => !(n >= 1)))
      throw new Error(`counts must name two classes or more, each with a sample, got ${counts}`);
    if (dim < counts.length - 1) throw new Error(`dim must be at least ${counts.length - 1} for ${counts.length} classes, got ${dim}`);
    this.classes = counts.length;
    this.dim = dim;
    this.labels = counts.flatMap((n, c) => Array.from({ length: n }, () => c));
    const draw = (sample: number, count: number) =>
      standardNormal({ seed, tag: TAG.initialWeights, sample, split: 'train' }, count).map((v) => v / Math.sqrt(dim));
    this.features = draw(0, this.labels.length * dim);
    this.weights = draw(1, counts.length * dim);
  }

  /** One step of gradient descent on mean cross-entropy under the constraint; returns that mean before the step, in nats. */
  step(): number {
    const { features, weights, labels } = this;
    const { counts, dim, constraint, rate } = this.options;
    const [classes, samples] = [counts.length, labels.length];
    const [toFeatures, toWeights] = [new Float64Array(features.length), new Float64Array(weights.length)];
    const p = new Float64Array(classes);
    let loss = 0;
    for (let n = 0; n < samples; n++) {
      const h = features.subarray(n * dim, (n + 1) * dim);
      for (let c = 0; c < classes; c++) p[c] = h.reduce((sum, v, i) => sum + v * weights[c * dim + i], 0);
      const top = Math.max(...p);
      const own = p[labels[n]] - top;
      const sum = p.reduce((s, z) => s + Math.exp(z - top), 0);
      loss += (Math.log(sum) - own) / samples;
      for (let c = 0; c < classes; c++) {
        const slope = Math.exp(p[c] - top) / sum - (c === labels[n] ? 1 : 0);
        for (let i = 0; i < dim; i++) {
          toFeatures[n * dim + i] += slope * weights[c * dim + i];
          toWeights[c * dim + i] += (slope * h[i] * classes) / samples;
        }
      }
    }
    const decay = constraint.kind === 'unconstrained' ? constraint.weightDecay : 0;
    for (let i = 0; i < features.length; i++) features[i] -= rate * (toFeatures[i] + decay * features[i]);
    for (let i = 0; i < weights.length; i++) weights[i] -= rate * (toWeights[i] + decay * weights[i]);
    if (constraint.kind === 'peeled') {
      project(features, samples, constraint.energy);
      project(weights, classes, constraint.energy);
    }
    return loss;
  }
}
