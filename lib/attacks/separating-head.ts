/** A linear score that tells one feature vector from others, by ridge regression in its dual form, float64. */

/** Share of the mean squared length that is added to the diagonal: enough for a sound solution, little enough to fit the points. */
const RIDGE = 1e-6;

export interface Head {
  /** [size]: the score of h is w·h + b, at most 0 on the others and at least 1 on the one. */
  w: Float64Array;
  b: number;
}

/**
 * w = Σ α_i (h_i − m), (K + λI) α = t with K_ij = (h_i − m)·(h_j − m), m the mean of the others, t 1 for the one and 0 for them; then
 * scaled so that the highest of the others scores 0 and the one 1. Undefined where no such score was found.
 * @param rows [(others + 1) × size], the one last
 */
export function separatingHead(rows: Float32Array, size: number): Head | undefined {
  const count = rows.length / size;
  const mean = new Float64Array(size);
  for (let n = 0; n < count - 1; n++) for (let i = 0; i < size; i++) mean[i] += rows[n * size + i] / (count - 1);
  const centred = Float64Array.from(rows, (v, k) => v - mean[k % size]);
  const gram = Array.from({ length: count }, (_, n) =>
    Float64Array.from({ length: count }, (__, m) => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += centred[n * size + i] * centred[m * size + i];
      return sum;
    }),
  );
  const ridge = (RIDGE * gram.reduce((sum, row, n) => sum + row[n], 0)) / count;
  if (!(ridge > 0)) return undefined;
  gram.forEach((row, n) => {
    row[n] += ridge;
  });
  const alpha = solved(
    gram,
    Float64Array.from({ length: count }, (_, n) => (n === count - 1 ? 1 : 0)),
  );
  const w = new Float64Array(size);
  for (let n = 0; n < count; n++) for (let i = 0; i < size; i++) w[i] += alpha[n] * centred[n * size + i];
  const score = (n: number) => w.reduce((sum, v, i) => sum + v * rows[n * size + i], 0);
  const highest = Array.from({ length: count - 1 }, (_, n) => score(n)).reduce((a, v) => Math.max(a, v), Number.NEGATIVE_INFINITY);
  const gap = score(count - 1) - highest;
  // Below this the passes' float32 could not tell the two apart.
  const length = Math.sqrt(w.reduce((sum, v) => sum + v * v, 0));
  const reach = Math.sqrt(rows.reduce((sum, v) => sum + v * v, 0) / count);
  if (!(gap > 1e-4 * length * reach)) return undefined;
  return { w: w.map((v) => v / gap), b: -highest / gap };
}

/** Cholesky: A = LLᵀ, symmetric and positive; A is overwritten. */
function solved(a: Float64Array[], t: Float64Array): Float64Array {
  const x = t.slice();
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i][j];
      for (let k = 0; k < j; k++) sum -= a[i][k] * a[j][k];
      a[i][j] = i === j ? Math.sqrt(sum) : sum / a[j][j];
    }
    for (let k = 0; k < i; k++) x[i] -= a[i][k] * x[k];
    x[i] /= a[i][i];
  }
  for (let i = a.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < a.length; k++) x[i] -= a[k][i] * x[k];
    x[i] /= a[i][i];
  }
  return x;
}
