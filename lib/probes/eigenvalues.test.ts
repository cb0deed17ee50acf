import { describe, expect, it } from 'vitest';
import { jacobiEigen } from '../collapse/span';
import { normals, rotation } from '../testing/feature-sets';
import { eigenvalues } from './eigenvalues';

/** Q diag(λ) Qᵀ */
function withEigenvalues(values: readonly number[], seed: number): Float64Array {
  const n = values.length;
  const q = rotation(seed, n);
  return Float64Array.from({ length: n * n }, (_, k) =>
    values.reduce((sum, v, i) => sum + q[Math.floor(k / n) * n + i] * v * q[(k % n) * n + i], 0),
  );
}
const difference = (found: Float64Array, values: readonly number[]) => Math.max(...values.map((v, i) => Math.abs(v - found[i])));

describe('eigenvalues', () => {
  it('are those that a matrix was made of, also equal ones, zeros and negative ones', () => {
    for (const values of [[3], [2, -1], [4, 4, 4, 1, 0, 0, 0, -2], [1e6, 5, 5, 1e-6, 0]])
      expect(difference(eigenvalues(withEigenvalues(values, 3), values.length), values)).toBeLessThan(values[0] * values.length * 2 ** -48);
  });

  it('of a diagonal matrix and of zeros are what stands there', () => {
    expect([...eigenvalues(Float64Array.of(1, 0, 0, 0, 3, 0, 0, 0, 2), 3)]).toEqual([3, 2, 1]);
    expect([...eigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
    expect([...eigenvalues(Float64Array.of(0, 1, 1, 0), 2)].map((v) => v.toFixed(12))).toEqual(['1.000000000000', '-1.000000000000']);
  });

  it('are those of Jacobi rotations, for a Gram matrix of low rank', () => {
    const rows = normals(8, 40 * 6);
    const gram = Float64Array.from({ length: 1600 }, (_, k) => {
      const [n, m] = [Math.floor(k / 40), k % 40];
      return Array.from({ length: 6 }, (__, i) => rows[n * 6 + i] * rows[m * 6 + i]).reduce((a, b) => a + b, 0);
    });
    expect(difference(eigenvalues(gram, 40), [...jacobiEigen(gram, 40).values])).toBeLessThan(1e-11);
  });
});
