import { describe, expect, it } from 'vitest';
import { clusters, meansOf, normals } from '../testing/feature-sets';
import { meansSpan } from './span';
import { addWithin, mergeWithin, nearestMeans, withinSums } from './within-class';

describe('addWithin', () => {
  it('adds up squared distances from the class mean, in all and along the span', () => {
    // Means (0, 0) and (2, 0): the span is the first axis.
    const set = { features: Float32Array.of(-1, 1, 1, -1, 2, 3, 2, -3), labels: [0, 0, 1, 1] };
    const means = meansOf(set, 2);
    const span = meansSpan(means);
    const within = withinSums(span.rank);
    addWithin(within, set.features, set.labels, means, span);
    expect(within.samples).toBe(4);
    expect(within.scatter).toBe(1 + 1 + 1 + 1 + 9 + 9);
    expect([...within.projected]).toEqual([expect.closeTo(2, 12)]);
  });

  it('gives the same in parts, merged', () => {
    const set = clusters(8, normals(9, 5 * 12), 5, 83, 0.7);
    const means = meansOf(set, 5);
    const span = meansSpan(means);
    const whole = withinSums(span.rank);
    addWithin(whole, set.features, set.labels, means, span);
    const merged = withinSums(span.rank);
    for (const [from, to] of [
      [0, 30],
      [30, 31],
      [31, 83],
    ]) {
      const part = withinSums(span.rank);
      addWithin(part, set.features.subarray(from * 12, to * 12), set.labels.slice(from, to), means, span);
      mergeWithin(merged, part);
    }
    expect(merged.samples).toBe(83);
    expect(merged.scatter).toBeCloseTo(whole.scatter, 9);
    merged.projected.forEach((v, k) => {
      expect(v).toBeCloseTo(whole.projected[k], 9);
    });
    expect(whole.projected.reduce((a, b) => a + b, 0)).toBeLessThan(whole.scatter);
  });
});

describe('nearestMeans', () => {
  const means = { means: Float64Array.of(0, 0, 4, 0, 0, 4), classes: 3, dim: 2 };

  it('names the nearest mean, uncentred', () => {
    expect([...nearestMeans(Float32Array.of(1, 1, 3, 0, 1, 3, -9, -9), 4, means)]).toEqual([0, 1, 2, 0]);
  });

  it('takes the first of equally near ones', () => {
    expect([...nearestMeans(Float32Array.of(2, 0, 2, 2, 0, 2), 3, means)]).toEqual([0, 0, 0]);
  });
});
