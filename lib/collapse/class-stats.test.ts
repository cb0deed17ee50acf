import { describe, expect, it } from 'vitest';
import { clusters, meansOf, normals } from '../testing/feature-sets';
import { ClassStats, centredMeans, classMeans } from './class-stats';

describe('classMeans', () => {
  it('gives means by class and the mean over all samples, not over classes', () => {
    const means = meansOf({ features: Float32Array.of(0, 1, 2, 3, 4, 5, 10, 20), labels: [0, 0, 0, 1] }, 2);
    expect([...means.means]).toEqual([2, 3, 10, 20]);
    expect([...means.global]).toEqual([4, 7.25]);
    expect([...means.counts]).toEqual([3, 1]);
    expect(means.complete).toBe(true);
    expect([...centredMeans(means)]).toEqual([-2, -4.25, 6, 12.75]);
  });

  it('leaves an empty class out of the global mean and says so', () => {
    const means = meansOf({ features: Float32Array.of(1, 3), labels: [0, 2] }, 3);
    expect([...means.means]).toEqual([1, 0, 3]);
    expect([...means.global]).toEqual([2]);
    expect(means.complete).toBe(false);
  });

  it('is not complete with one class, and has no NaN without samples', () => {
    expect(meansOf({ features: Float32Array.of(1, 2), labels: [0, 0] }, 1).complete).toBe(false);
    const none = classMeans(new ClassStats(3, 2));
    expect([...none.means, ...none.global]).toEqual(new Array(8).fill(0));
  });

  it('sums in float64: small values survive a large one', () => {
    const stats = new ClassStats(1, 1);
    stats.add(Float32Array.of(2 ** 24), [0]);
    for (let i = 0; i < 1000; i++) stats.add(Float32Array.of(1), [0]);
    expect(stats.sums[0]).toBe(2 ** 24 + 1000);
  });
});

it('merged parts equal one pass over everything', () => {
  const set = clusters(5, normals(6, 4 * 9), 4, 101, 1);
  const whole = new ClassStats(4, 9);
  whole.add(set.features, set.labels);
  const merged = new ClassStats(4, 9);
  for (const [from, to] of [
    [0, 1],
    [1, 40],
    [40, 40],
    [40, 101],
  ]) {
    const part = new ClassStats(4, 9);
    part.add(set.features.subarray(from * 9, to * 9), set.labels.slice(from, to));
    merged.merge(part);
  }
  expect([...merged.counts]).toEqual([...whole.counts]);
  merged.sums.forEach((v, i) => {
    expect(v).toBeCloseTo(whole.sums[i], 10);
  });
});
