/** First pass over features: how many samples each class has and their sums, in float64, one sample after the other. */

export class ClassStats {
  readonly counts: Float64Array;
  /** [classes × dim] row-major */
  readonly sums: Float64Array;

  constructor(
    readonly classes: number,
    readonly dim: number,
  ) {
    this.counts = new Float64Array(classes);
    this.sums = new Float64Array(classes * dim);
  }

  /** features: [labels.length × dim] row-major. */
  add(features: Float32Array, labels: ArrayLike<number>): void {
    const { dim, sums, counts } = this;
    for (let n = 0; n < labels.length; n++) {
      counts[labels[n]]++;
      const from = n * dim;
      const to = labels[n] * dim;
      for (let i = 0; i < dim; i++) sums[to + i] += features[from + i];
    }
  }

  merge(other: Pick<ClassStats, 'counts' | 'sums'>): void {
    for (let c = 0; c < this.classes; c++) this.counts[c] += other.counts[c];
    for (let i = 0; i < this.sums.length; i++) this.sums[i] += other.sums[i];
  }
}

/** Class means μ_c and the mean over all samples μ_G. */
export interface ClassMeans {
  classes: number;
  dim: number;
  counts: Float64Array;
  /** [classes × dim]; rows of empty classes are zero, see `complete`. */
  means: Float64Array;
  global: Float64Array;
  /** Every class has a sample and there are at least two classes. */
  complete: boolean;
}

export function classMeans(stats: Pick<ClassStats, 'classes' | 'dim' | 'counts' | 'sums'>): ClassMeans {
  const { classes, dim, counts, sums } = stats;
  const means = new Float64Array(classes * dim);
  const global = new Float64Array(dim);
  const total = counts.reduce((a, b) => a + b, 0);
  for (let c = 0; c < classes; c++) {
    if (counts[c] === 0) continue;
    for (let i = 0; i < dim; i++) {
      means[c * dim + i] = sums[c * dim + i] / counts[c];
      global[i] += sums[c * dim + i] / total;
    }
  }
  return { classes, dim, counts, means, global, complete: classes > 1 && counts.every((n) => n > 0) };
}

/** M = [μ_c − μ_G], row per class; zero for a class without samples, which has no direction. */
export function centredMeans({ classes, dim, means, global, counts }: ClassMeans): Float64Array {
  const out = new Float64Array(classes * dim);
  for (let c = 0; c < classes; c++) {
    if (counts[c] === 0) continue;
    for (let i = 0; i < dim; i++) out[c * dim + i] = means[c * dim + i] - global[i];
  }
  return out;
}
