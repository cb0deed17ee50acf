import { describe, expect, it } from 'vitest';
import { clusters, meansOf, normals, rotated, rotation, simplexVertices } from '../testing/feature-sets';
import type { ClassMeans } from './class-stats';
import { centredMeans } from './class-stats';
import { jacobiEigen, meansSpan } from './span';

/** V Λ Vᵀ with eigenvectors in rows. */
function recomposed({ values, vectors }: ReturnType<typeof jacobiEigen>, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] += values[k] * vectors[k * n + i] * vectors[k * n + j];
  }
  return out;
}

const largest = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
const difference = (a: Float64Array, b: Float64Array) => largest(a.map((v, i) => v - b[i]));

/** X Xᵀ of n random rows: symmetric, positive, of rank min(n, d). */
function gramOf(seed: number, n: number, d: number): Float64Array {
  const rows = normals(seed, n * d);
  const gram = new Float64Array(n * n);
  for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) for (let i = 0; i < d; i++) gram[a * n + b] += rows[a * d + i] * rows[b * d + i];
  return gram;
}

describe('jacobiEigen', () => {
  it('solves a 2×2 matrix known by hand', () => {
    const { values, vectors } = jacobiEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values]).toEqual([expect.closeTo(3, 14), expect.closeTo(1, 14)]);
    expect(Math.abs(vectors[0])).toBeCloseTo(Math.SQRT1_2, 14);
    expect(vectors[0] * vectors[1]).toBeCloseTo(0.5, 14);
    expect(vectors[2] * vectors[3]).toBeCloseTo(-0.5, 14);
  });

  it.each([
    [1, 1, 3],
    [2, 5, 40],
    [3, 10, 128],
    [4, 10, 4],
    [5, 100, 60],
  ])('gives back V Λ Vᵀ = A with orthonormal V, largest first (seed %i, %i×, rank ≤ %i)', (seed, n, d) => {
    const a = gramOf(seed, n, d);
    const eigen = jacobiEigen(a, n);
    expect(difference(recomposed(eigen, n), a)).toBeLessThan(1e-12 * largest(a));
    const unit = recomposed({ values: new Float64Array(n).fill(1), vectors: eigen.vectors }, n);
    expect(
      difference(
        unit,
        Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
      ),
    ).toBeLessThan(1e-12);
    for (let k = 1; k < n; k++) expect(eigen.values[k]).toBeLessThanOrEqual(eigen.values[k - 1]);
    if (d < n) expect(largest(eigen.values.slice(d))).toBeLessThan(1e-12 * eigen.values[0]);
  });

  it('leaves a diagonal and a zero matrix as they are, and keeps its argument', () => {
    const diagonal = Float64Array.of(1, 0, 0, 0, 5, 0, 0, 0, 3);
    expect([...jacobiEigen(diagonal, 3).values]).toEqual([5, 3, 1]);
    expect([...diagonal]).toEqual([1, 0, 0, 0, 5, 0, 0, 0, 3]);
    expect([...jacobiEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
  });

  it('splits scales that lie far apart', () => {
    const scale = [1e8, 1, 1e-6];
    const q = rotation(7, 3);
    const a = new Float64Array(9);
    for (let k = 0; k < 3; k++)
      for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) a[i * 3 + j] += scale[k] * q[k * 3 + i] * q[k * 3 + j];
    const { values } = jacobiEigen(a, 3);
    expect(values[0] / 1e8).toBeCloseTo(1, 12);
    expect(values[1]).toBeCloseTo(1, 6); // 1e-16 of the largest
  });
});

/** Means given directly, as if each class had one sample. */
function meansFrom(rows: Float64Array, classes: number): ClassMeans {
  const dim = rows.length / classes;
  const global = new Float64Array(dim);
  for (let c = 0; c < classes; c++) for (let i = 0; i < dim; i++) global[i] += rows[c * dim + i] / classes;
  return { classes, dim, counts: new Float64Array(classes).fill(1), means: rows, global, complete: true };
}

describe('meansSpan', () => {
  it('is an orthonormal basis in which the centred means lie whole', () => {
    const means = meansOf(clusters(1, normals(2, 7 * 30), 7, 70, 0.3), 7);
    const span = meansSpan(means);
    expect(span.rank).toBe(6);
    const m = centredMeans(means);
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < 6; b++) {
        let dot = 0;
        for (let i = 0; i < 30; i++) dot += span.basis[a * 30 + i] * span.basis[b * 30 + i];
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 12);
      }
    }
    let [inside, whole] = [0, 0];
    for (let c = 0; c < 7; c++) {
      for (let i = 0; i < 30; i++) whole += m[c * 30 + i] ** 2;
      for (let k = 0; k < 6; k++) {
        let dot = 0;
        for (let i = 0; i < 30; i++) dot += span.basis[k * 30 + i] * m[c * 30 + i];
        inside += dot * dot;
      }
    }
    expect(inside / whole).toBeCloseTo(1, 12);
    expect(span.trSb).toBeCloseTo(whole / 7, 10);
    expect(span.squares.reduce((a, b) => a + b, 0)).toBeCloseTo(whole, 10);
  });

  it('gives a simplex C − 1 equal squares: ‖m‖²·C/(C−1) each', () => {
    const span = meansSpan(meansFrom(simplexVertices(5, 8, 3), 5));
    expect(span.rank).toBe(4);
    for (const s2 of span.squares) expect(s2).toBeCloseTo((9 * 5) / 4, 12);
    expect(span.trSb).toBeCloseTo(9, 12);
  });

  it('counts only the directions that means in a plane, on a line or in one point have', () => {
    const flat = (used: number) => {
      const rows = normals(3, 6 * 20);
      for (let c = 0; c < 6; c++) for (let i = used; i < 20; i++) rows[c * 20 + i] = 1;
      return rotated(rows, rotation(4, 20));
    };
    expect(meansSpan(meansFrom(flat(2), 6)).rank).toBe(2);
    expect(meansSpan(meansFrom(flat(1), 6)).rank).toBe(1);
    expect(meansSpan(meansFrom(new Float64Array(6 * 20).fill(0.5), 6))).toMatchObject({ rank: 0, trSb: 0 });
  });

  it('drops a direction at s² ≤ d·2⁻²³ of the largest and keeps one just above', () => {
    const [dim, classes] = [4, 3];
    const limit = dim * 2 ** -23;
    // Centred means ±1 along one axis and (1, 1, −2)·t along another have squares 2 and 6t².
    const at = (ratio: number) => {
      const t = Math.sqrt((2 * ratio) / 6);
      return meansSpan(meansFrom(Float64Array.of(1, t, 0, 0, -1, t, 0, 0, 0, -2 * t, 0, 0), classes)).rank;
    };
    expect(at(limit * 1.01)).toBe(2);
    expect(at(limit * 0.99)).toBe(1);
  });
});
