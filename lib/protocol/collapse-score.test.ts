import { describe, expect, it } from 'vitest';
import type { Collapse } from '../collapse/nc';
import { draw } from '../testing/draw';
import { COLLAPSE_HALVES, COLLAPSE_SCORE_DATA, collapseScore } from './collapse-score';

const METRICS = ['nc1', 'nc2NormMeans', 'nc2NormWeights', 'nc2AngleMeans', 'nc2AngleWeights', 'nc3', 'nc4'] as const;
type Seven = [number, number, number, number, number, number, number];

const valuesOf = (seven: ArrayLike<number>, rank = 9): Collapse => ({
  ...(Object.fromEntries(METRICS.map((m, i) => [m, seven[i]])) as Record<(typeof METRICS)[number], number>),
  trRatio: 0.3,
  rank,
});
const drawn = (seed: number, scale = 1) => valuesOf(draw(7, seed, 0, scale));
const points = (v: Collapse, data: 'clean' | 'pgd-10' = 'clean', classes = 10) => collapseScore(v, classes, data)?.score as number;

/** What the published programs found on 2 000 training images (reference values, float64). */
const REFERENCE: Record<string, Record<'clean' | 'pgd-10', Seven>> = {
  fmnist_st: {
    clean: [1.8012, 0.0917, 0.095, 0.1333, 0.0568, 0.1509, 0],
    'pgd-10': [73.7336, 0.3567, 0.095, 0.366, 0.0568, 2.6124, 0.988],
  },
  fmnist_at: {
    clean: [24.9994, 0.2464, 0.155, 0.3491, 0.224, 0.2649, 0.0905],
    'pgd-10': [121.3157, 0.2426, 0.155, 0.4103, 0.224, 0.2952, 0.115],
  },
  cifar_st: {
    clean: [4.6267, 0.1249, 0.0314, 0.2307, 0.0941, 0.1817, 0],
    'pgd-10': [80.8682, 0.1457, 0.0314, 0.2554, 0.0941, 2.5732, 1],
  },
};

describe('real networks', () => {
  it.each([
    ['fmnist_st', 75.4, 38.0],
    ['fmnist_at', 35.7, 58.6],
    ['cifar_st', 68.3, 40.5],
  ])('%s: %d on clean data, %d under PGD', (name, clean, pgd) => {
    expect(points(valuesOf(REFERENCE[name].clean))).toBeCloseTo(clean, 1);
    expect(points(valuesOf(REFERENCE[name]['pgd-10']), 'pgd-10')).toBeCloseTo(pgd, 1);
  });
});

describe.each(COLLAPSE_SCORE_DATA)('the score on %s data', (data) => {
  it('is 100 for a perfect simplex, 50 with every metric at its half, and falls to 0', () => {
    const { nc1, nc2, nc3, nc4 } = COLLAPSE_HALVES[data];
    expect(points(valuesOf([0, 0, 0, 0, 0, 0, 0]), data)).toBe(100);
    expect(points(valuesOf([nc1 * 81, nc2, nc2, nc2, nc2, nc3, nc4]), data)).toBeCloseTo(50, 12);
    expect(points(valuesOf(new Float64Array(7).fill(1e12)), data)).toBeLessThan(1e-7);
    expect(points(valuesOf(new Float64Array(7).fill(Infinity)), data)).toBe(0);
  });

  it('falls strictly in every metric, all others equal', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const values = drawn(seed, 10 ** (seed % 5));
      for (const metric of METRICS) {
        const worse = { ...values, [metric]: (values[metric] as number) * 1.01 + 1e-6 };
        expect(points(worse, data), metric).toBeLessThan(points(values, data));
      }
    }
  });

  it('is the mean of its four components, which say value, half and points', () => {
    const values = drawn(5);
    const { score, components, lostDirections } = collapseScore(values, 10, data) ?? expect.fail();
    expect(components.map((c) => c.id)).toEqual(['nc1', 'nc2', 'nc3', 'nc4']);
    expect(components.reduce((sum, c) => sum + c.points, 0) / 4).toBeCloseTo(score, 12);
    for (const { value, half, points } of components) expect(points).toBeCloseTo(100 / (1 + value / half), 10);
    const [, nc2] = components;
    expect(nc2.value).toBeCloseTo(METRICS.slice(1, 5).reduce((sum, m) => sum + (values[m] as number), 0) / 4, 12);
    expect(lostDirections).toBe(0);
  });

  it('a lower rank is never better, whatever it does to NC1', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const whole = drawn(seed, 10 ** (seed % 5));
      for (let rank = 0; rank < 9; rank++) {
        for (const nc1 of [0, (whole.nc1 as number) / 2, whole.nc1 as number, 1e9]) {
          const lost = collapseScore({ ...whole, nc1, rank }, 10, data) ?? expect.fail();
          expect(lost.score).toBeLessThanOrEqual(points(whole, data));
          expect(lost.score).toBeLessThanOrEqual(75);
          expect(lost.components[0]).toMatchObject({ value: nc1, points: 0 });
          expect(lost.lostDirections).toBe(9 - rank);
        }
      }
    }
  });

  it('the same simplex with the same scatter has the same points whatever the number of classes', () => {
    const noiseToSignal = 0.3;
    const of = (classes: number) =>
      points(valuesOf([noiseToSignal * (classes - 1) ** 2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.1], classes - 1), data, classes);
    expect(of(100)).toBeCloseTo(of(10), 12);
    expect(of(2)).toBeCloseTo(of(10), 12);
  });

  it.each(METRICS)('is null without %s, and where it is no metric', (metric) => {
    for (const value of [null, -1, Number.NaN]) {
      expect(collapseScore({ ...drawn(3), [metric]: value }, 10, data)).toBeNull();
    }
  });
});
