import { expect, it } from 'vitest';
import { cosineHistogram, extremes } from './many-classes';

it('finds the classes with the smallest and largest values, the first of equals first, without those that have none', () => {
  const values = [0.5, null, 0.1, 0.5, undefined, 0.9];
  expect(extremes(values, 'smallest', 3)).toEqual([2, 0, 3]);
  expect(extremes(values, 'largest', 3)).toEqual([5, 0, 3]);
  expect(extremes([], 'largest')).toEqual([]);
});

it('counts cosines in equal parts of [−1, 1]; both ends belong to a part', () => {
  expect(cosineHistogram([-1, -0.51, -0.5, 0, 0.49, 1], 4)).toEqual([2, 1, 2, 1]);
  expect(cosineHistogram([], 2)).toEqual([0, 0]);
});
