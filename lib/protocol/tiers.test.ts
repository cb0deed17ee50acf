import { expect, it } from 'vitest';
import { uniform01 } from '../random';
import { packBitmap } from './evidence';
import { mcnemar } from './mcnemar';
import { TIER_SIGNIFICANCE, tiers } from './tiers';

const bitmap = (values: ArrayLike<number | boolean>) => ({ bytes: packBitmap(values), samples: values.length });
/** The first `right` of `samples` are right. */
const first = (right: number, samples: number) => bitmap(Array.from({ length: samples }, (_, i) => i < right));

/** A model right with the given probability where samples have difficulties of their own, as real ones have. */
function row(seed: number, share: number, samples: number) {
  const own = uniform01({ seed, tag: 2, sample: 0, split: 'test' }, samples);
  const difficulty = uniform01({ seed: 0, tag: 1, sample: 0, split: 'test' }, samples);
  return bitmap(Array.from(own, (u, i) => 0.9 * difficulty[i] + 0.1 * u < share));
}

it('puts rows that differ in five samples together, and those that differ in six apart', () => {
  expect(tiers([first(60, 100), first(55, 100), first(54, 100), first(49, 100), first(10, 100)])).toEqual([1, 1, 2, 2, 3]);
});

it('compares with the leader of the tier, not with the row above', () => {
  // Each differs from the one above in three samples.
  expect(tiers([first(60, 100), first(57, 100), first(54, 100), first(51, 100), first(48, 100)])).toEqual([1, 1, 2, 2, 3]);
});

it('gives no tier to rows without evidence, and passes over them', () => {
  expect(tiers([null, first(60, 100), null, first(60, 100), first(0, 0), first(20, 100)])).toEqual([null, 1, null, 1, null, 2]);
  expect(tiers([])).toEqual([]);
  expect(tiers([null])).toEqual([null]);
});

it('compares on the samples that both rows have', () => {
  // 300 of the first 1 000 against 3 000 of 10 000: the same on what they share.
  expect(tiers([first(300, 1000), first(300, 10000)])).toEqual([1, 1]);
  expect(tiers([first(300, 1000), first(290, 10000)])).toEqual([1, 2]);
});

it('keeps the caller’s order among equals, and equal rows together', () => {
  expect(tiers([first(50, 100), first(50, 100), first(50, 100)])).toEqual([1, 1, 1]);
});

it('500 rows of 10 000 samples: numbers rise by one, and every row but a leader is like its leader', () => {
  const rows = Array.from({ length: 500 }, (_, i) => row(i + 1, 0.7 - i * 0.001, 10000));
  const numbers = tiers(rows) as number[];
  expect(numbers[0]).toBe(1);
  let leader = 0;
  for (let i = 1; i < rows.length; i++) {
    const { p } = mcnemar(rows[leader], rows[i]);
    expect(numbers[i] - numbers[i - 1]).toBe(p < TIER_SIGNIFICANCE ? 1 : 0);
    if (p < TIER_SIGNIFICANCE) leader = i;
  }
  expect(numbers[499]).toBeGreaterThan(5);
  expect(numbers[499]).toBeLessThan(500);
});
