/**
 * Second pass over features: how they scatter about their class means, along the span of the centred means and in all,
 * and which class mean is nearest. Float64; O(N·d·C).
 */
import type { ClassMeans } from './class-stats';
import type { MeansSpan } from './span';

/** Sums that can be merged across parts of the data. */
export interface WithinSums {
  samples: number;
  /** Σ_n (u_kᵀ(h_n − μ_c))², per k */
  projected: Float64Array;
  /** Σ_n ‖h_n − μ_c‖² */
  scatter: number;
}

export function withinSums(rank: number): WithinSums {
  return { samples: 0, projected: new Float64Array(rank), scatter: 0 };
}

export function addWithin(
  sums: WithinSums,
  features: Float32Array,
  labels: ArrayLike<number>,
  { means }: Pick<ClassMeans, 'means'>,
  span: Pick<MeansSpan, 'rank' | 'dim' | 'basis'>,
): void {
  const { rank, dim, basis } = span;
  const z = new Float64Array(dim);
  for (let n = 0; n < labels.length; n++) {
    const from = n * dim;
    const mean = labels[n] * dim;
    let scatter = 0;
    for (let i = 0; i < dim; i++) {
      const d = features[from + i] - means[mean + i];
      z[i] = d;
      scatter += d * d;
    }
    for (let k = 0; k < rank; k++) {
      let dot = 0;
      const u = k * dim;
      for (let i = 0; i < dim; i++) dot += basis[u + i] * z[i];
      sums.projected[k] += dot * dot;
    }
    sums.scatter += scatter;
    sums.samples++;
  }
}

export function mergeWithin(into: WithinSums, other: WithinSums): void {
  into.samples += other.samples;
  into.scatter += other.scatter;
  for (let k = 0; k < into.projected.length; k++) into.projected[k] += other.projected[k];
}

/** Index of the nearest class mean (Euclidean, uncentred, first of equals) for each sample. */
export function nearestMeans(
  features: Float32Array,
  samples: number,
  { means, classes, dim }: Pick<ClassMeans, 'means' | 'classes' | 'dim'>,
): Int32Array {
  const nearest = new Int32Array(samples);
  for (let n = 0; n < samples; n++) {
    const from = n * dim;
    let best = Infinity;
    for (let c = 0; c < classes; c++) {
      let distance = 0;
      const mean = c * dim;
      for (let i = 0; i < dim; i++) {
        const d = features[from + i] - means[mean + i];
        distance += d * d;
      }
      if (distance < best) {
        best = distance;
        nearest[n] = c;
      }
    }
  }
  return nearest;
}
