/** QL steps for one eigenvalue. */
const MOST_STEPS = 60;

/**
 * Eigenvalues of a symmetric n×n matrix, largest first, without vectors: Householder reflections to tridiagonal form, then QL steps with
 * implicit shifts (Golub & Van Loan, Matrix Computations, §8.3). O(n³), float64; absolute error about n·2⁻⁵² of the largest.
 */
export function eigenvalues(matrix: Float64Array, n: number): Float64Array {
  const { diagonal, beside } = tridiagonal(matrix, n);
  const size = diagonal.reduce((most, d, i) => Math.max(most, Math.abs(d) + Math.abs(beside[i])), 0);
  const small = (i: number) => Math.abs(beside[i]) <= 2 ** -53 * size;
  for (let first = 0; first < n; first++) {
    // Three or so are the rule; matrices that are not finite have no end.
    for (let steps = 0; ; steps++) {
      if (steps > MOST_STEPS) throw new Error(`expected a finite symmetric matrix: its eigenvalues do not settle`);
      let last = first;
      while (last < n - 1 && !small(last)) last++;
      if (last === first) break;
      step(diagonal, beside, first, last);
    }
  }
  return diagonal.sort((a, b) => b - a);
}

/** `beside[i]` couples i and i + 1; the last is 0. */
function tridiagonal(matrix: Float64Array, n: number): { diagonal: Float64Array; beside: Float64Array } {
  const a = Float64Array.from(matrix);
  const beside = new Float64Array(n);
  const [v, w] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n - 1; k++) {
    let square = 0;
    for (let i = k + 1; i < n; i++) square += a[i * n + k] ** 2;
    const first = a[(k + 1) * n + k];
    const alpha = first > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[k] = alpha;
    // vᵀv of v = x − αe₁
    const vv = 2 * (square - alpha * first);
    if (vv === 0) continue;
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k];
    v[k + 1] -= alpha;
    let vw = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += a[i * n + j] * v[j];
      w[i] = (2 * sum) / vv;
      vw += v[i] * w[i];
    }
    for (let i = k + 1; i < n; i++) w[i] -= (vw / vv) * v[i];
    for (let i = k + 1; i < n; i++) for (let j = k + 1; j < n; j++) a[i * n + j] -= v[i] * w[j] + w[i] * v[j];
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), beside };
}

/** One QL step on the block from `first` to `last`, shifted by the eigenvalue of its first corner. */
function step(diagonal: Float64Array, beside: Float64Array, first: number, last: number): void {
  const half = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
  const root = Math.hypot(half, 1);
  let g = diagonal[last] - diagonal[first] + beside[first] / (half + (half < 0 ? -root : root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const [f, b] = [sine * beside[i], cosine * beside[i]];
    const r = Math.hypot(f, g);
    beside[i + 1] = r;
    if (r === 0) {
      diagonal[i + 1] -= shift;
      beside[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = diagonal[i + 1] - shift;
    const t = (diagonal[i] - g) * sine + 2 * cosine * b;
    shift = sine * t;
    diagonal[i + 1] = g + shift;
    g = cosine * t - b;
  }
  diagonal[first] -= shift;
  beside[first] = g;
  beside[last] = 0;
}
