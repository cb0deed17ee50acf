import { describe, expect, it } from 'vitest';
import { clusters, meansOf, normals, rotated, rotation, simplexVertices } from '../testing/feature-sets';
import { simplexSimilarity } from './simplex';

const onePerClass = (rows: ArrayLike<number>, classes: number) =>
  meansOf({ features: Float32Array.from(rows), labels: Array.from({ length: classes }, (_, c) => c) }, classes);

describe('simplexSimilarity', () => {
  it('finds no distance and no angle between a set and itself', () => {
    const means = meansOf(clusters(1, normals(2, 10 * 16), 10, 50, 1), 10);
    const same = simplexSimilarity(means, means);
    for (const list of [same.distance, same.distanceCentred]) expect(list).toEqual(new Array(10).fill(0));
    // arccos is steep at 1: a rounding error of 1e-16, and the 1e-10 of the reference, show as 1e-5.
    for (const list of [same.angle, same.angleCentred]) for (const a of list) expect(a).toBeLessThan(2e-5);
    expect(same.globalMeanDistance).toBe(0);
  });

  it('measures by hand: a quarter turn of two means', () => {
    const s = simplexSimilarity(onePerClass([1, 0, 0, 1], 2), onePerClass([0, 1, -1, 0], 2));
    expect(s.distance).toEqual([Math.SQRT2, Math.SQRT2]);
    for (const a of s.angle) expect(a).toBeCloseTo(Math.PI / 2, 9);
    expect(s.globalMeanDistance).toBeCloseTo(1, 12); // (½, ½) and (−½, ½)
    expect(s.globalMeanAngle).toBeCloseTo(Math.PI / 2, 9);
    // Centred: ±(½, −½) becomes ±(½, ½).
    for (const d of s.distanceCentred) expect(d).toBeCloseTo(1, 12);
    for (const a of s.angleCentred) expect(a).toBeCloseTo(Math.PI / 2, 9);
  });

  it('a shift of everything moves the means and the centre, not the simplex about it', () => {
    const rows = simplexVertices(4, 6, 2);
    const moved = rows.map((v, i) => v + (i % 6 === 5 ? 3 : 0));
    const s = simplexSimilarity(onePerClass(rows, 4), onePerClass(moved, 4));
    for (const d of s.distance) expect(d).toBeCloseTo(3, 6);
    for (const d of s.distanceCentred) expect(d).toBeCloseTo(0, 6);
    expect(s.globalMeanDistance).toBeCloseTo(3, 6);
  });

  it('a rotation of both sets changes nothing', () => {
    const q = rotation(3, 8);
    const [a, b] = [normals(4, 5 * 8), normals(5, 5 * 8)];
    const before = simplexSimilarity(onePerClass(a, 5), onePerClass(b, 5));
    const after = simplexSimilarity(onePerClass(rotated(a, q), 5), onePerClass(rotated(b, q), 5));
    for (const key of ['distance', 'angle', 'distanceCentred', 'angleCentred'] as const) {
      after[key].forEach((v, c) => {
        expect(v).toBeCloseTo(before[key][c] as number, 5);
      });
    }
  });

  it('weighs classes alike however many samples each has', () => {
    const clean = onePerClass([0, 2], 2);
    const uneven = meansOf({ features: Float32Array.of(0, 0, 0, 6), labels: [0, 0, 0, 1] }, 2);
    expect(simplexSimilarity(clean, uneven).globalMeanDistance).toBe(2); // 1 and 3, not 1 and 1.5
  });

  it('has null for a class that is empty in either set, and the centre of the others', () => {
    const full = onePerClass([1, 2, 3], 3);
    const part = meansOf({ features: Float32Array.of(1, 5), labels: [0, 2] }, 3);
    const s = simplexSimilarity(full, part);
    expect(s.distance).toEqual([0, null, 2]);
    expect(s.angle[1]).toBeNull();
    expect(s.angleCentred[1]).toBeNull();
    expect(s.globalMeanDistance).toBe(1);
    expect(JSON.stringify(s)).not.toMatch(/NaN/);
  });
});
