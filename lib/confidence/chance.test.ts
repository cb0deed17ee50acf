import { expect, it } from 'vitest';
import { mostApartByChance, mostByChance } from './chance';

/** P(Bin(n, p) ≥ k), by its terms as they are. */
function tail(n: number, p: number, k: number): number {
  let sum = 0;
  for (let i = k; i <= n; i++) {
    let term = 1;
    for (let j = 1; j <= i; j++) term *= ((n - i + j) / j) * p;
    sum += term * (1 - p) ** (n - i);
  }
  return sum;
}

it.each([
  [0.002, 256],
  [0.003, 256],
  [0.05, 256],
  [0.25, 40],
  [0.01, 900],
])('a share of %d explains so many of %i images, and not one more', (theta, n) => {
  const most = mostByChance(theta, n);
  expect(tail(n, theta, most)).toBeGreaterThanOrEqual(0.025);
  expect(tail(n, theta, most + 1)).toBeLessThan(0.025);
});

it('a single image never says anything, and all of very few may be no proof', () => {
  expect(mostByChance(0.0001, 10)).toBe(1);
  expect(mostByChance(0.5, 4)).toBe(4);
  expect(mostByChance(0.3, 1)).toBe(1);
});

it('of more and more images it comes down to the share itself', () => {
  const ratios = [256, 1000, 10_000, 100_000].map((n) => mostByChance(0.003, n) / n / 0.003);
  expect(ratios).toEqual(ratios.toSorted((a, b) => b - a));
  expect(ratios[3]).toBeGreaterThan(1);
  expect(ratios[3]).toBeLessThan(1.12);
});

it.each([
  // b, c, n and the lower end of the 95 % interval: Tango 1998, table II
  [12, 2, 50, 0.0611],
  [9, 1, 44, 0.0503],
])('the difference of %i and %i among %i is explained from its published limit on', (b, c, n, limit) => {
  expect(mostApartByChance(limit + 0.001, n, b + c)).toBeGreaterThanOrEqual(b - c);
  expect(mostApartByChance(limit - 0.001, n, b + c)).toBeLessThan(b - c);
});

it('the more images differ in both directions, the more of a difference is chance', () => {
  const most = [0, 2, 10, 40, 100].map((m) => mostApartByChance(0.003, 256, m));
  expect(most).toEqual(most.toSorted((a, b) => a - b));
  expect(most[0]).toBe(mostByChance(0.003, 256));
  expect(most[4]).toBeGreaterThan(15);
});
