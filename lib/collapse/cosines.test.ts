import { describe, expect, it } from 'vitest';
import { clusters, type FeatureSet, meansOf, normals, rotated, rotation, simplexVertices } from '../testing/feature-sets';
import { centredMeans } from './class-stats';
import { meanCosines } from './cosines';
import { angleSpread } from './nc';

const cosinesOf = (set: FeatureSet, classes: number) => meanCosines(meansOf(set, classes));
/** One sample a class. */
const points = (rows: number[][]): FeatureSet => ({ features: Float32Array.from(rows.flat()), labels: rows.map((_, c) => c) });

it('three means by hand', () => {
  // Their mean is (0, 0): directions at 0°, 90° and 225°.
  const half = Math.SQRT1_2;
  const matrix = cosinesOf(
    points([
      [1, 0],
      [0, 1],
      [-1, -1],
    ]),
    3,
  );
  const expected = [
    [1, 0, -half],
    [0, 1, -half],
    [-half, -half, 1],
  ];
  matrix.forEach((row, a) => {
    row.forEach((v, b) => {
      expect(v).toBeCloseTo(expected[a][b], 7);
    });
  });
});

it.each([2, 3, 10, 100])('a simplex of %i classes has −1/(C−1) off the diagonal', (classes) => {
  const set = clusters(1, simplexVertices(classes, classes + 3, 4), classes, classes * 2, 0);
  cosinesOf(set, classes).forEach((row, a) => {
    row.forEach((v, b) => {
      expect(v).toBeCloseTo(a === b ? 1 : -1 / (classes - 1), 6);
    });
  });
});

describe('laws', () => {
  const [classes, dim] = [6, 14];
  // Classes of unequal size, so that the mean over samples is not the mean of the class means.
  const drawn = clusters(
    13,
    normals(11, classes * dim).map((v) => 2 * v),
    classes,
    90,
    0.8,
  );
  const set = { features: drawn.features.slice(0, 85 * dim), labels: drawn.labels.slice(0, 85) };
  const matrix = cosinesOf(set, classes) as number[][];

  it('symmetric, 1 on the diagonal, within −1 … 1', () => {
    matrix.forEach((row, a) => {
      expect(row[a]).toBe(1);
      row.forEach((v, b) => {
        expect(v).toBe(matrix[b][a]);
        expect(Math.abs(v)).toBeLessThanOrEqual(1);
      });
    });
  });

  it('their distance from a simplex is NC2 (angles)', () => {
    const apart = matrix.flatMap((row, a) => row.flatMap((v, b) => (a === b ? [] : [Math.abs(v + 1 / (classes - 1))])));
    const mean = apart.reduce((x, y) => x + y, 0) / (classes * (classes - 1));
    expect(mean).toBeCloseTo(angleSpread(centredMeans(meansOf(set, classes)), classes) as number, 12);
  });

  it('a rotation, a scale and a shift of the features leave them', () => {
    const features = Float32Array.from(rotated(set.features, rotation(14, dim)), (v) => 4 * v + 1);
    cosinesOf({ ...set, features }, classes).forEach((row, a) => {
      row.forEach((v, b) => {
        expect(v).toBeCloseTo(matrix[a][b], 5);
      });
    });
  });
});

describe('what has no direction is null, never NaN', () => {
  it('a class without samples', () => {
    const matrix = cosinesOf({ features: Float32Array.of(1, 0, 0, 1), labels: [0, 2] }, 3);
    expect(matrix[1]).toEqual([null, null, null]);
    expect(matrix.map((row) => row[1])).toEqual([null, null, null]);
    expect(matrix[0][2]).toBeCloseTo(-1, 12);
  });

  it('a mean in the centre, and means that coincide but for rounding', () => {
    const matrix = cosinesOf(points([[1], [-1], [0]]), 3);
    expect(matrix).toEqual([
      [1, -1, null],
      [-1, 1, null],
      [null, null, null],
    ]);
    const same = cosinesOf({ features: new Float32Array(5).fill(0.1), labels: [0, 1, 0, 1, 2] }, 3);
    expect(same.flat().every((v) => v === null)).toBe(true);
    expect(cosinesOf(points([[3, 4]]), 1)).toEqual([[null]]);
  });
});
