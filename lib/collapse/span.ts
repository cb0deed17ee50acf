/**
 * Orthonormal basis of the span of the centred class means. Σ_B = (1/C) M Mᵀ has rank ≤ C − 1, so everything about its
 * pseudo-inverse lives here and no d×d matrix is needed: M = Σ_k s_k u_k v_kᵀ from the C×C Gram matrix, in float64.
 */
import { type ClassMeans, centredMeans } from './class-stats';

export interface MeansSpan {
  rank: number;
  dim: number;
  /** s_k², largest first, only those kept */
  squares: Float64Array;
  /** u_k, [rank × dim] row-major */
  basis: Float64Array;
  /** tr Σ_B = Σ_c ‖m_c‖² / C */
  trSb: number;
}

/**
 * Eigenvalues (descending) and eigenvectors (rows) of a symmetric n×n matrix by cyclic Jacobi rotations
 * (Golub & Van Loan, Matrix Computations, §8.5).
 */
export function jacobiEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  let scale = 0;
  for (const x of a) scale = Math.max(scale, Math.abs(x));
  for (let sweep = 0; sweep < 100; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off = Math.max(off, Math.abs(a[p * n + q]));
    if (off <= scale * 1e-17) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q];
        if (apq === 0) continue;
        const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [akp, akq] = [a[k * n + p], a[k * n + q]];
          a[k * n + p] = c * akp - s * akq;
          a[k * n + q] = s * akp + c * akq;
        }
        for (let k = 0; k < n; k++) {
          const [apk, aqk] = [a[p * n + k], a[q * n + k]];
          a[p * n + k] = c * apk - s * aqk;
          a[q * n + k] = s * apk + c * aqk;
          const [vpk, vqk] = [v[p * n + k], v[q * n + k]];
          v[p * n + k] = c * vpk - s * vqk;
          v[q * n + k] = s * vpk + c * vqk;
        }
        a[p * n + q] = a[q * n + p] = 0; // what rounding leaves there would keep the sweeps going
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i]);
  const values = Float64Array.from(order, (i) => a[i * n + i]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(v.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values, vectors };
}

/**
 * Directions with s_k² ≤ d·2⁻²³·s_1² are dropped, as the reference's float32 pseudo-inverse does. Means that differ by
 * less than 2⁻⁴⁰ of their size differ by rounding (features are float32): they span nothing.
 */
export function meansSpan(means: ClassMeans): MeansSpan {
  const { classes, dim } = means;
  const m = centredMeans(means);
  const gram = new Float64Array(classes * classes);
  for (let a = 0; a < classes; a++) {
    for (let b = a; b < classes; b++) {
      let dot = 0;
      for (let i = 0; i < dim; i++) dot += m[a * dim + i] * m[b * dim + i];
      gram[a * classes + b] = gram[b * classes + a] = dot;
    }
  }
  let trSb = 0;
  for (let c = 0; c < classes; c++) trSb += gram[c * classes + c] / classes;
  const { values, vectors } = jacobiEigen(gram, classes);
  const size2 = means.means.reduce((sum, x) => sum + x * x, 0);
  if (values[0] <= size2 * 2 ** -80) return { rank: 0, dim, squares: new Float64Array(), basis: new Float64Array(), trSb: 0 };
  const rank = values.findIndex((s2) => !(s2 > 0 && s2 > dim * 2 ** -23 * values[0]));
  const kept = rank < 0 ? classes : rank;
  const basis = new Float64Array(kept * dim);
  for (let k = 0; k < kept; k++) {
    const s = Math.sqrt(values[k]);
    for (let c = 0; c < classes; c++) {
      const w = vectors[k * classes + c] / s;
      for (let i = 0; i < dim; i++) basis[k * dim + i] += w * m[c * dim + i];
    }
  }
  return { rank: kept, dim, squares: values.slice(0, kept), basis, trSb };
}
