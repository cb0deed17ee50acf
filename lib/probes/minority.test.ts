import { describe, expect, it } from 'vitest';
import { clusters, simplexVertices } from '../testing/feature-sets';
import type { Head } from './feature-data';
import { minorityCollapse, secondHalf } from './minority';

const CLASSES = 4;
const vertices = simplexVertices(CLASSES, CLASSES);
const headOfRows = (rows: ArrayLike<number>): Head => ({
  ...{ dim: CLASSES, classes: CLASSES },
  kernel: Float32Array.from({ length: CLASSES ** 2 }, (_, k) => rows[(k % CLASSES) * CLASSES + Math.floor(k / CLASSES)]),
});

describe('minority collapse', () => {
  it('is −1/(C − 1) everywhere in a simplex, whatever set is asked about and however many images a class has', () => {
    const set = clusters(1, vertices, CLASSES, 40, 0);
    const unequal = { features: set.features.subarray(0, 7 * CLASSES), labels: set.labels.slice(0, 7) };
    for (const minority of [undefined, [0, 3]]) {
      const { result } = minorityCollapse(headOfRows(vertices), unequal, minority);
      for (const part of [result?.weights, result?.means]) {
        expect(part?.minority).toBeCloseTo(-1 / 3, 6);
        expect(part?.majority).toBeCloseTo(-1 / 3, 6);
      }
      expect(result?.simplex).toBe(-1 / 3);
    }
  });

  it('is 1 where the classifiers of the minority are one direction', () => {
    const rows = vertices.slice();
    rows.set(
      vertices.subarray(8, 12).map((x) => 3 * x),
      12,
    );
    const { result } = minorityCollapse(headOfRows(rows), clusters(1, vertices, CLASSES, 8, 0));
    expect(result?.classes).toEqual([2, 3]);
    expect(result?.weights.minority).toBeCloseTo(1, 6);
    expect(result?.weights.majority).toBeCloseTo(-1 / 3, 6);
  });

  it('has no cosine for classes without images, and no answer for a single class in the set', () => {
    const { result } = minorityCollapse(headOfRows(vertices), { features: Float32Array.from(vertices.subarray(0, 12)), labels: [0, 1, 2] });
    expect(result?.means.minority).toBeNull();
    expect(result?.means.majority).not.toBeNull();
    expect(minorityCollapse(headOfRows(vertices), clusters(1, vertices, CLASSES, 8, 0), [1])).toMatchObject({ result: null });
    expect(secondHalf(10)).toEqual([5, 6, 7, 8, 9]);
    expect(secondHalf(5)).toEqual([3, 4]);
  });
});
