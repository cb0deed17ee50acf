import { describe, expect, it } from 'vitest';
import { draw } from '../testing/draw';
import type { ClassMeans } from './class-stats';
import { project, projectionOf, turned } from './projection';

const meansOf = (rows: number[][], counts = rows.map(() => 1)): ClassMeans => ({
  classes: rows.length,
  dim: rows[0].length,
  counts: Float64Array.from(counts),
  means: Float64Array.from(rows.flat()),
  global: new Float64Array(rows[0].length),
  complete: true,
});

const distance = (points: ArrayLike<number>, dim: number, a: number, b: number) =>
  Math.hypot(...Array.from({ length: dim }, (_, i) => points[a * dim + i] - points[b * dim + i]));

/** Unlike distances are drawn as they are. */
function expectIsometric(rows: number[][], axes: number) {
  const means = meansOf(rows);
  const projection = projectionOf(means);
  const drawn = project(projection, means.means);
  expect([projection.axes, projection.explained]).toEqual([axes, expect.closeTo(1, 12)]);
  for (let a = 0; a < rows.length; a++)
    for (let b = 0; b < a; b++) expect(distance(drawn, axes, a, b)).toBeCloseTo(distance(means.means, means.dim, a, b), 10);
}

const RANDOM = Array.from({ length: 4 }, (_, c) => Array.from(draw(32, 7 + c)));

describe('the projection on which class means are best seen', () => {
  it('draws three classes as their exact triangle and four as their exact tetrahedron', () => {
    expectIsometric(RANDOM.slice(0, 3), 2);
    expectIsometric(RANDOM, 3);
    expectIsometric(RANDOM.slice(0, 2), 1);
  });

  it('puts the first class up, the second to its right, the third towards the reader, and the centre at 0', () => {
    const means = meansOf(RANDOM.map((row) => row.map((v) => v + 5)));
    const at = project(projectionOf(means), means.means);
    const [first, second, third] = [0, 1, 2].map((c) => [...at.subarray(3 * c, 3 * c + 3)]);
    expect([first[0], first[2], second[2]].map((v) => Math.abs(v) < 1e-10)).toEqual([true, true, true]);
    expect([first[1], second[0], third[2]].map(Math.sign)).toEqual([1, 1, 1]);
    for (let k = 0; k < 3; k++) expect([0, 1, 2, 3].reduce((sum, c) => sum + at[3 * c + k], 0)).toBeCloseTo(0, 10);
  });

  it('of a simplex of ten classes holds three of nine equal directions', () => {
    const simplex = Array.from({ length: 10 }, (_, c) => Array.from({ length: 16 }, (_, i) => (i === c ? 3 : 0)));
    const { axes, explained } = projectionOf(meansOf(simplex));
    expect([axes, explained]).toEqual([3, expect.closeTo(3 / 9, 10)]);
    expect(projectionOf(meansOf(simplex), { most: 2 }).explained).toBeCloseTo(2 / 9, 10);
    // Three of them alone: an equilateral triangle, whole.
    const three = projectionOf(meansOf(simplex), { classes: [1, 4, 7] });
    const corners = project(
      three,
      [1, 4, 7].flatMap((c) => simplex[c]),
    );
    expect([three.axes, three.explained]).toEqual([2, expect.closeTo(1, 12)]);
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ])
      expect(distance(corners, 2, a, b)).toBeCloseTo(Math.sqrt(18), 10);
  });

  it('takes the directions of largest scatter', () => {
    const rows = [
      [9, 0, 0, 0],
      [-9, 0, 0, 0],
      [0, 5, 0, 0],
      [0, -5, 0, 0],
      [0, 0, 0.5, 0],
      [0, 0, -0.5, 0],
    ];
    const { basis, explained } = projectionOf(meansOf(rows), { most: 2 });
    expect([basis[2], basis[3], basis[6], basis[7]].map((v) => Math.abs(v) < 1e-12)).toEqual([true, true, true, true]);
    expect(explained).toBeCloseTo((81 + 25) / (81 + 25 + 0.25), 12);
  });

  it('is orthonormal, also where a class lies at the centre', () => {
    for (const rows of [
      RANDOM,
      [[0, 0, 0, 0], ...RANDOM.slice(0, 3).map((r) => r.slice(0, 4)), ...RANDOM.slice(0, 3).map((r) => r.slice(0, 4).map((v) => -v))],
    ]) {
      const { axes, dim, basis } = projectionOf(meansOf(rows));
      for (let a = 0; a < axes; a++)
        for (let b = 0; b < axes; b++) {
          const dot = Array.from({ length: dim }, (_, i) => basis[a * dim + i] * basis[b * dim + i]).reduce((x, y) => x + y);
          expect(dot).toBeCloseTo(a === b ? 1 : 0, 10);
        }
    }
  });

  it('has no axes where there is nothing to tell apart', () => {
    for (const means of [
      meansOf([
        [1, 2],
        [1, 2],
        [1, 2],
      ]),
      meansOf([[1, 2]]),
      meansOf(
        [
          [1, 2],
          [3, 4],
        ],
        [1, 0],
      ),
    ]) {
      const projection = projectionOf(means);
      expect([projection.axes, projection.explained, projection.basis.length]).toEqual([0, 0, 0]);
      expect(project(projection, [5, 6, 7, 8])).toHaveLength(0);
    }
  });

  it('turns without changing lengths and angles, and a quarter brings what is near to the right', () => {
    const points = Float64Array.from(draw(30, 3));
    const seen = turned(points, 3, 0.7, -0.4);
    for (let a = 0; a < 10; a++) for (let b = 0; b < a; b++) expect(distance(seen, 3, a, b)).toBeCloseTo(distance(points, 3, a, b), 10);
    expect([...turned(Float64Array.of(0, 0, 2), 3, Math.PI / 2, 0)].map((v) => Number(v.toFixed(12)))).toEqual([2, 0, 0]);
    expect([...turned(Float64Array.of(0, 2, 0), 3, 0, Math.PI / 2)].map((v) => Number(v.toFixed(12)))).toEqual([0, 0, 2]);
    expect([...turned(Float64Array.of(3, 4), 2, 0, 0)]).toEqual([3, 4, 0]);
  });
});
