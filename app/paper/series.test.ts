import { expect, it } from 'vitest';
import type { PaperRun, Point } from '@/lib/paper/run';
import { classSimilarity, epochCurves, layerCurves, PERTURBED } from './series';

const point = (nc1: number | null): Point => ({ accuracy: 1, ncc: 1, leapt: 0, nc1, nc2NormMeans: 0, nc2AngleMeans: 0, nc3: 0, nc4: 0 });
const classes = (angle: (number | null)[], distance: number[]) =>
  ({ simplex: Object.fromEntries(PERTURBED.map((c) => [c, { angle, distance }])) }) as unknown as PaperRun;
const run = (nc1: number | null, layer: number): PaperRun =>
  ({
    epochs: [
      { epoch: 1, loss: 1, accuracy: 1, testAccuracy: 1 },
      { epoch: 2, loss: 1, accuracy: 1, testAccuracy: 1, collapse: { clean: point(nc1), 'pgd-10': point(4) } },
    ],
    layers: [
      { name: 'a', clean: { nc1: layer, nccAccuracy: null, nccAccuracyTrain: null }, pgd: { nc1: 1, nccAccuracy: 1, nccAccuracyTrain: 1 } },
    ],
  }) as unknown as PaperRun;

it('takes the measured epochs, means over seeds and their range, and leaves out what is not there', () => {
  const { places, at, series, runs } = epochCurves([run(1, 0), run(3, 0)], 'nc1');
  expect([places, at, runs]).toEqual([['2'], [2], 2]);
  expect(epochCurves([run(1, 0)], 'distance')).toMatchObject({ series: [], runs: 0 });
  expect(series).toEqual([
    { condition: 'clean', values: [2], range: [[1, 3]] },
    { condition: 'pgd-10', values: [4], range: [[4, 4]] },
  ]);
});

it('one seed has no range; a value that is not defined is no number', () => {
  expect(epochCurves([run(null, 0)], 'nc1').series.map((s) => s.condition)).toEqual(['pgd-10']);
  expect(layerCurves([run(1, 7)], 'nc1')).toEqual({
    places: ['a'],
    series: [
      { condition: 'clean', values: [7], range: [null] },
      { condition: 'pgd-10', values: [1], range: [null] },
    ],
  });
});

it('class by class, takes the mean over the runs that keep it', () => {
  const found = classSimilarity([classes([1, null], [2, 4]), run(1, 0), classes([3, 0.5], [4, 6])]);
  const [first, ...rest] = found?.conditions ?? [];
  expect(found?.runs).toBe(2);
  expect(first).toEqual({ condition: 'pgd-10', angle: [2, 0.5], distance: [3, 5] });
  expect(rest.map(({ condition }) => condition)).toEqual(['targeted', 'gaussian', 'sign']);
  expect(classSimilarity([run(1, 0)])).toBeUndefined();
});
