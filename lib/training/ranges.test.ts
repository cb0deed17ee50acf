import { expect, it } from 'vitest';
import { inRange, RECIPE_RANGES, rangeSpan, rangeWords } from './ranges';

it('a range holds its ends, except a lower one that it says is not allowed', () => {
  const { momentum, learningRate, batch } = RECIPE_RANGES;
  expect([0, 0.9999, 1, -0.1, Number.NaN].map((v) => inRange(v, momentum))).toEqual([true, true, false, false, false]);
  expect([0, 1e-9, 10, 10.1, Number.POSITIVE_INFINITY].map((v) => inRange(v, learningRate))).toEqual([false, true, true, false, false]);
  expect([1, 2, 2.5, 10000].map((v) => inRange(v, batch))).toEqual([false, true, false, true]);
});

it('a range says in words what would be right', () => {
  const { momentum, learningRate, batch } = RECIPE_RANGES;
  expect([momentum, learningRate, batch].map(rangeWords)).toEqual([
    'a number from 0 to 0.9999',
    'a number above 0 and at most 10',
    'a whole number from 2 to 10000',
  ]);
  expect(rangeSpan(learningRate)).toBe('above 0 to 10');
});
