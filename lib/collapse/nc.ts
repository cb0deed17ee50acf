/**
 * The four collapse metrics (Papyan, Han & Donoho, PNAS 2020; as computed for arXiv 2311.07444; contract §6).
 * h feature, μ_c class means, μ_G mean over all samples, M = [μ_c − μ_G], W rows of the last Dense layer.
 */
import { type ClassMeans, centredMeans } from './class-stats';
import type { MeansSpan } from './span';
import type { WithinSums } from './within-class';

/** Values that are not defined (one class, an empty class) are null, never NaN. */
export interface Collapse {
  nc1: number | null;
  nc2NormMeans: number | null;
  nc2NormWeights: number | null;
  nc2AngleMeans: number | null;
  nc2AngleWeights: number | null;
  nc3: number | null;
  nc4: number | null;
  trRatio: number | null;
  rank: number;
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

/** NC1 = tr(Σ_W Σ_B⁺) = C·Σ_k (u_kᵀ Σ_W u_k)/s_k². */
export function nc1(span: MeansSpan, within: WithinSums, classes: number): number | null {
  if (span.rank === 0 || within.samples === 0) return null;
  let sum = 0;
  for (let k = 0; k < span.rank; k++) sum += within.projected[k] / within.samples / span.squares[k];
  return finite(classes * sum);
}

/** tr Σ_W and tr Σ_B and their ratio. */
export function traces(span: MeansSpan, within: WithinSums) {
  const trSw = within.samples === 0 ? null : within.scatter / within.samples;
  return { trSw, trSb: span.trSb, trRatio: trSw === null ? null : finite(trSw / span.trSb) };
}

const rowNorms = (rows: Float64Array, count: number): Float64Array => {
  const dim = rows.length / count;
  return Float64Array.from({ length: count }, (_, c) => {
    let sum = 0;
    for (let i = c * dim; i < (c + 1) * dim; i++) sum += rows[i] * rows[i];
    return Math.sqrt(sum);
  });
};

/** NC2 (norms) = std/mean of the row norms, std with divisor C − 1. */
export function normSpread(rows: Float64Array, count: number): number | null {
  if (count < 2) return null;
  const norms = rowNorms(rows, count);
  const mean = norms.reduce((a, b) => a + b, 0) / count;
  const variance = norms.reduce((a, x) => a + (x - mean) ** 2, 0) / (count - 1);
  return finite(Math.sqrt(variance) / mean);
}

/** NC2 (angles) = mean over ordered pairs i ≠ j of |cos(r_i, r_j) + 1/(C−1)|. */
export function angleSpread(rows: Float64Array, count: number): number | null {
  if (count < 2) return null;
  const dim = rows.length / count;
  const norms = rowNorms(rows, count);
  let sum = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      let dot = 0;
      for (let i = 0; i < dim; i++) dot += rows[a * dim + i] * rows[b * dim + i];
      sum += 2 * Math.abs(dot / (norms[a] * norms[b]) + 1 / (count - 1));
    }
  }
  return finite(sum / (count * (count - 1)));
}

/** NC3 = ‖W/‖W‖_F − M/‖M‖_F‖_F², 0 (self-dual) … 4 (opposite). */
export function duality(weights: Float64Array, means: Float64Array): number | null {
  const norm = (rows: Float64Array) => Math.sqrt(rows.reduce((a, x) => a + x * x, 0));
  const [nw, nm] = [norm(weights), norm(means)];
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (weights[i] / nw - means[i] / nm) ** 2;
  return finite(sum);
}

/** Rows per class from a Dense kernel [dim, classes]. */
export function weightRows(kernel: Float32Array, dim: number, classes: number): Float64Array {
  const rows = new Float64Array(classes * dim);
  for (let i = 0; i < dim; i++) for (let c = 0; c < classes; c++) rows[c * dim + i] = kernel[i * classes + c];
  return rows;
}

/**
 * All metrics. `agreements`: number of samples whose nearest class mean names the class that the network names
 * (NC4 = 1 − share). `weights`: rows per class.
 */
export function collapse(means: ClassMeans, span: MeansSpan, within: WithinSums, agreements: number, weights: Float64Array): Collapse {
  const { classes, complete } = means;
  const m = centredMeans(means);
  const apart = complete && span.rank > 0; // means that coincide have no shape
  return {
    nc1: complete ? nc1(span, within, classes) : null,
    nc2NormMeans: apart ? normSpread(m, classes) : null,
    nc2NormWeights: normSpread(weights, classes),
    nc2AngleMeans: apart ? angleSpread(m, classes) : null,
    nc2AngleWeights: angleSpread(weights, classes),
    nc3: apart ? duality(weights, m) : null,
    nc4: complete && within.samples > 0 ? 1 - agreements / within.samples : null,
    trRatio: complete ? traces(span, within).trRatio : null,
    rank: span.rank,
  };
}
