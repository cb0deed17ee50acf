import { describe, expect, it } from 'vitest';
import { bits } from '../random';
import { packBitmap } from './evidence';
import { discordant, lnMcnemar, mcnemar, mcnemarP } from './mcnemar';

/** p as a ratio of whole numbers: 2·Σ C(n, k) / 2ⁿ, k ≤ min(b, c). */
function exactly(b: number, c: number): number {
  const n = b + c;
  let [choose, sum] = [1n, 0n];
  for (let k = 0; k <= Math.min(b, c); k++) {
    sum += choose;
    choose = (choose * BigInt(n - k)) / BigInt(k + 1);
  }
  const scaled = (sum << 201n) >> BigInt(n); // 200 bits after the point, times 2
  return Math.min(1, Number(scaled) / 2 ** 200);
}

const outcomes = (seed: number, count: number) => Array.from(bits({ seed, tag: 1, sample: 0, split: 'test' }, count), (w) => w & 1);
const bitmap = (values: number[]) => ({ bytes: packBitmap(values), samples: values.length });

describe('the p of discordant counts', () => {
  it.each([
    [0, 5, 2 / 32],
    [1, 5, (2 * 7) / 64],
    [0, 6, 2 / 64],
    [2, 8, (2 * (1 + 10 + 45)) / 1024],
  ])('%i against %i, by hand', (b, c, p) => {
    expect(mcnemarP(b, c)).toBeCloseTo(p, 14);
  });

  it('is the ratio of whole numbers, for few pairs and for thousands', () => {
    for (const [b, c] of [
      [0, 1],
      [3, 7],
      [12, 13],
      [40, 71],
      [480, 560],
      [4900, 5100],
      [2, 190],
    ])
      expect(mcnemarP(b, c) / exactly(b, c), `${b}, ${c}`).toBeCloseTo(1, 9);
  });

  it('is 1 where nothing differs, or as much one way as the other', () => {
    for (const [b, c] of [
      [0, 0],
      [0, 1],
      [1, 1],
      [50, 50],
      [50, 51],
      [5000, 5000],
    ])
      expect(mcnemarP(b, c)).toBe(1);
  });

  it('does not care which model is the first, lies in [0, 1], and falls as the counts part', () => {
    for (const n of [1, 2, 9, 100, 1001, 10000]) {
      let last = 0;
      for (let b = 0; b <= n / 2; b += Math.max(1, Math.floor(n / 40))) {
        const p = mcnemarP(b, n - b);
        expect(p).toBe(mcnemarP(n - b, b));
        expect(p).toBeLessThanOrEqual(1);
        expect(p).toBeGreaterThanOrEqual(last);
        last = p;
      }
    }
  });

  it('keeps its logarithm where p itself is below what a float64 holds', () => {
    expect(lnMcnemar(0, 10000)).toBeCloseTo((1 - 10000) * Math.LN2, 9);
    expect(mcnemarP(0, 10000)).toBe(0);
    expect(lnMcnemar(1, 10000)).toBeCloseTo(Math.log(10002) - 10000 * Math.LN2, 9);
    expect(lnMcnemar(1, 10000)).toBeGreaterThan(lnMcnemar(0, 10001));
  });
});

describe('discordant pairs of two bitmaps', () => {
  it('are what counting one by one gives, on the common prefix', () => {
    for (const [na, nb] of [
      [0, 10],
      [1, 1],
      [7, 8],
      [31, 33],
      [32, 32],
      [65, 40],
      [500, 10000],
      [10000, 10000],
    ]) {
      const [a, b] = [outcomes(na + 1, na), outcomes(nb + 2, nb)];
      const shared = a.slice(0, Math.min(na, nb));
      expect(discordant(bitmap(a), bitmap(b))).toEqual({
        samples: shared.length,
        onlyA: shared.filter((x, i) => x && !b[i]).length,
        onlyB: shared.filter((x, i) => !x && b[i]).length,
      });
    }
  });

  it('ignore what stands after the last sample, and bytes that do not start on a word', () => {
    const a = { bytes: Uint8Array.of(9, 0b11111111, 0b11111110).subarray(1), samples: 9 };
    const b = { bytes: Uint8Array.of(0b11111110, 0b11111111), samples: 9 };
    expect(discordant(a, b)).toEqual({ samples: 9, onlyA: 1, onlyB: 1 });
  });

  it('need as many bytes as there are samples', () => {
    expect(() => discordant({ bytes: new Uint8Array(1), samples: 9 }, { bytes: new Uint8Array(2), samples: 16 })).toThrow(
      'expected 2 bytes for 9 samples, got 1',
    );
  });
});

it('the test of a model with itself is 1; of one that loses six samples and gains none, 1/32', () => {
  const a = outcomes(3, 1000);
  const right = a.flatMap((x, i) => (x ? [i] : []));
  const worse = a.map((x, i) => (right.slice(0, 6).includes(i) ? 0 : x));
  expect(mcnemar(bitmap(a), bitmap(a))).toEqual({ samples: 1000, onlyA: 0, onlyB: 0, p: 1 });
  expect(mcnemar(bitmap(a), bitmap(worse))).toMatchObject({ onlyA: 6, onlyB: 0 });
  expect(mcnemar(bitmap(a), bitmap(worse)).p).toBeCloseTo(1 / 32, 14);
});
