import { describe, expect, it } from 'vitest';
import { maxDifference } from '../testing/backends';
import { draw } from '../testing/draw';
import units from '../testing/fixtures/units.json';
import { toPlane } from './hyperplane';

const { t, w, b, d } = units.fab_projections;

function projected(norm: 'linf' | 'l2', x: ArrayLike<number>, weights: ArrayLike<number>, offset: number): Float64Array {
  const out = new Float64Array(x.length);
  toPlane(norm, Float32Array.from(x), 0, { w: Float32Array.from(weights), at: 0, b: offset }, out);
  return out;
}
const dot = (a: ArrayLike<number>, c: ArrayLike<number>) => Array.from(a, (v, i) => v * c[i]).reduce((x, y) => x + y, 0);

describe.each([
  ['linf', d.Linf],
  ['l2', d.L2],
] as const)('the projection in %s', (norm, expected) => {
  it.each(t.map((_, n) => n))('agrees with the reference values, row %d', (n) => {
    expect(maxDifference(projected(norm, t[n], w[n], b[n]), expected[n])).toBeLessThan(1e-5);
  });

  it('ends on the plane, inside the box, and no sampled point of the plane is nearer', () => {
    const size = 40;
    for (let seed = 0; seed < 50; seed++) {
      const x = draw(size, seed, 0, 1);
      const weights = draw(size, seed + 500);
      const other = draw(size, seed + 1000, 0, 1);
      const offset = dot(weights, other); // so that the box reaches the plane
      const move = projected(norm, x, weights, offset);
      expect(Math.abs(dot(weights, move) + dot(weights, x) - offset)).toBeLessThan(1e-9);
      x.forEach((v, i) => {
        expect(v + move[i]).toBeGreaterThanOrEqual(-1e-12);
        expect(v + move[i]).toBeLessThanOrEqual(1 + 1e-12);
      });
      const length = (v: ArrayLike<number>) => (norm === 'l2' ? Math.sqrt(dot(v, v)) : Math.max(...Array.from(v, Math.abs)));
      expect(length(move)).toBeLessThanOrEqual(length(x.map((v, i) => other[i] - v)) + 1e-6);
    }
  });

  it('a point on the plane stays, a plane without weights moves nothing, one out of reach gives the nearest corner', () => {
    expect([...projected(norm, [0.25, 0.5], [1, 1], 0.75)].map(Math.abs)).toEqual([0, 0]);
    expect([...projected(norm, [0.25, 0.5], [0, 0], 3)].map(Math.abs)).toEqual([0, 0]);
    expect([...projected(norm, [0.25, 0.5], [1, -1], 9)]).toEqual([0.75, -0.5]);
  });
});
