import { expect, it } from 'vitest';
import { wilson95 } from './interval';

it.each([
  // Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%i of %i lies in the published interval', (successes, samples, low, high) => {
  const interval = wilson95(successes, samples) as [number, number];
  expect(interval[0]).toBeCloseTo(low, 4);
  expect(interval[1]).toBeCloseTo(high, 4);
});

it('has exact ends at nothing and all, and stays in [0, 1]', () => {
  for (const samples of [1, 2, 7, 500, 10000]) {
    expect(wilson95(0, samples)?.[0]).toBe(0);
    expect(wilson95(samples, samples)?.[1]).toBe(1);
    for (const successes of [0, Math.floor(samples / 2), samples]) {
      const [low, high] = wilson95(successes, samples) as [number, number];
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(successes / samples);
      expect(high).toBeGreaterThanOrEqual(successes / samples);
    }
  }
});

it('mirrors: failures have the mirrored interval', () => {
  const [low, high] = wilson95(37, 100) as [number, number];
  const mirrored = wilson95(63, 100) as [number, number];
  expect(mirrored[0]).toBeCloseTo(1 - high, 12);
  expect(mirrored[1]).toBeCloseTo(1 - low, 12);
});

it('is null without samples', () => {
  expect(wilson95(0, 0)).toBeNull();
});
