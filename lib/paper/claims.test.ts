import { describe, expect, it } from 'vitest';
import { CLAIMS, findings } from './claims';
import { depthOf } from './depth';
import { estimate } from './interval';
import { commandsOf, nameOf, type PaperRun, type Point } from './run';

const point = (changes: Partial<Point>): Point => ({
  ...{ accuracy: 1, ncc: 1, leapt: 0, nc1: 0.5, nc2NormMeans: 0.1, nc2AngleMeans: 0.1, nc3: 0.1, nc4: 0, angle: 0.1 },
  ...changes,
});
const layer = (nc1: number, nccAccuracy: number) => ({ nc1, nccAccuracy, nccAccuracyTrain: nccAccuracy });

/** A run in which everything that the paper says of its way of training is so. */
function run(mode: string, seed: number, changes: Partial<PaperRun> = {}): PaperRun {
  const robust = mode === 'st' ? 0 : 0.5;
  const collapse = {
    st: { clean: point({}), 'pgd-10': point({ nc1: 50, angle: 1.5, ncc: 0 }), targeted: point({ nc1: 2, leapt: 0.95 }) },
    at: { clean: point({ nc1: 1 }), 'pgd-10': point({ nc1: 2 }), targeted: point({}) },
  }[mode] ?? { clean: point({ nc1: 9 }), 'pgd-10': point({}), targeted: point({}) };
  return {
    recipe: {
      ...{ board: 'cifar-10/linf', mode, net: 'small', epochs: 2, batch: 2, learningRate: 0.1, schedule: 'cosine', momentum: 0.9 },
      ...{ weightDecay: 0, seed, trainSamples: 2, measure: 2, measureEvery: 1 },
    },
    model: '0',
    device: 'cpu',
    epochs: [{ epoch: 1, loss: 0, accuracy: 1, testAccuracy: 1, collapse: { ...collapse, gaussian: point({}), sign: point({}) } }],
    test: { samples: 10, clean: 0.9, pgd: robust, robust },
    layers: [
      { name: 'a', clean: layer(9, 0.5), pgd: layer(9, 0.4) },
      { name: 'b', clean: layer(0.5, 0.9), pgd: layer(50, mode === 'at' ? 0.5 : 0) },
    ],
    ...changes,
  };
}
const MODES = ['st', 'at', 'trades', 'trades-as-published'];

it('every claim holds for runs of which it is true, seed by seed', () => {
  const found = findings([1, 2, 3].flatMap((seed) => MODES.map((mode) => run(mode, seed))));
  expect(found.map(({ claim, held, seeds }) => [claim.id, held, seeds])).toEqual(CLAIMS.map(({ id }) => [id, 3, 3]));
});

/** The same run with other numbers of one condition. */
function other(mode: string, condition: string, changes: Partial<Point>): Partial<PaperRun> {
  const [epoch] = run(mode, 1).epochs;
  const collapse = { ...epoch.collapse, [condition]: { ...(epoch.collapse?.[condition] as Point), ...changes } };
  return { epochs: [{ ...epoch, collapse }] };
}
const layers = (...rows: [clean: number, pgd: number, held: number][]): Partial<PaperRun> => ({
  layers: rows.map(([clean, pgd, held], i) => ({ name: `l${i}`, clean: layer(clean, 1), pgd: layer(pgd, held) })),
});

it.each<[string, string, Partial<PaperRun>]>([
  ['st-collapses', 'st', other('st', 'clean', { nc1: 1.1 })],
  ['st-collapses', 'st', other('st', 'clean', { nc4: 0.02 })],
  ['attack-destroys', 'st', other('st', 'pgd-10', { nc1: 4 })],
  ['attack-destroys', 'st', other('st', 'pgd-10', { angle: 0.4 })],
  ['noise-spares', 'st', other('st', 'gaussian', { angle: 0.8 })],
  ['noise-spares', 'st', other('st', 'sign', { angle: 0.35 })],
  ['leaping', 'st', other('st', 'targeted', { leapt: 0.7 })],
  ['leaping', 'st', other('st', 'targeted', { nc1: 6 })],
  ['st-collapses', 'st', other('st', 'clean', { nc3: 0.25 })],
  ['noise-spares', 'st', other('st', 'sign', { nc1: 6 })],
  ['leaping-simplex', 'st', other('st', 'targeted', { angle: 0.4 })],
  ['leaping-simplex', 'st', other('st', 'targeted', { nc3: 0.4 })],
  ['at-collapses', 'at', other('at', 'pgd-10', { nc1: 6 })],
  ['at-collapses', 'at', other('at', 'pgd-10', { nc2AngleMeans: 0.35 })],
  ['at-collapses', 'at', other('at', 'clean', { nc4: 0.06 })],
  ['at-aligned', 'at', other('at', 'pgd-10', { angle: 0.4 })],
  ['at-aligned', 'at', other('at', 'pgd-10', { ncc: 0.8 })],
  ['at-centres-robust', 'at', layers([1, 1, 1], [1, 1, 0.4])],
  ['trades-robust', 'trades', { test: { samples: 10, clean: 1, pgd: 0.4, robust: 0.4 } }],
  ['trades-as-published-robust', 'trades-as-published', { test: { samples: 10, clean: 1, pgd: 0, robust: 0 } }],
  ['trades-without-simplex', 'trades', other('trades', 'clean', { nc1: 3 })],
  ['trades-as-published-without-simplex', 'trades-as-published', other('trades-as-published', 'clean', { nc1: 2.5 })],
  ['early-layers', 'st', layers([1, 1, 0], [1, 1, 1])],
  ['depth-parts', 'st', layers([1, 3, 0], [2, 4, 1])],
  ['depth-parts', 'st', layers([2, 4, 0], [1, 3, 1])],
])('%s does not hold where its numbers say no', (id, mode, changes) => {
  const runs = MODES.map((m) => run(m, 1, m === mode ? changes : {}));
  expect(findings(runs).find(({ claim }) => claim.id === id)).toMatchObject({ held: 0, seeds: 1 });
});

it('of an adversarial training that is not robust itself nothing follows, for or against', () => {
  const test = { samples: 10, clean: 0.3, pgd: 0.05, robust: 0.05 };
  const found = findings(['at', 'trades', 'trades-as-published'].map((mode) => run(mode, 1, { test })));
  for (const id of ['at-centres-robust', 'trades-robust', 'trades-as-published-robust'])
    expect(
      found.find(({ claim }) => claim.id === id),
      id,
    ).toMatchObject({ held: 0, seeds: 0, undecided: 1 });
  // What its images say of collapse they say all the same.
  for (const id of ['at-collapses', 'trades-without-simplex', 'trades-as-published-without-simplex'])
    expect(
      found.find(({ claim }) => claim.id === id),
      id,
    ).toMatchObject({ held: 1, seeds: 1, undecided: 0 });
});

it('of training images that are not learnt nothing follows for collapse, for or against', () => {
  const found = findings(MODES.map((mode) => run(mode, 1, other(mode, 'clean', { accuracy: 0.94 }))));
  const told = found.filter(({ undecided }) => undecided === 0).map(({ claim }) => claim.id);
  expect(told).toEqual(['at-centres-robust', 'trades-robust', 'trades-as-published-robust', 'early-layers', 'depth-parts']);
});

it('names what is so near to what is asked for that chance could turn the verdict', () => {
  const near = (...nc1: number[]) =>
    findings(nc1.map((v, i) => run('at', i, other('at', 'pgd-10', { nc1: v })))).find(({ claim }) => claim.id === 'at-collapses')?.near;
  expect(near(4.8, 4.6, 4.98)).toEqual(['NC1, PGD']);
  expect(near(4.8, 4.8, 4.8)).toEqual([]);
  expect(near(5.1, 5.6, 7)).toEqual(['NC1, PGD']);
  expect(near(4.99), 'one seed has no interval').toEqual([]);
});

it('a simplex has five values, and each alone can deny it', () => {
  for (const worse of [{ nc1: 5 }, { nc2NormMeans: 0.3 }, { nc2AngleMeans: 0.3 }, { nc3: 0.3 }, { nc4: 0.05 }])
    expect(findings([run('at', 1, other('at', 'pgd-10', worse))]).find(({ claim }) => claim.id === 'at-collapses')).toMatchObject({
      held: 0,
    });
});

it('runs of different networks are not taken together, and never pass for each other', () => {
  const [small, wide] = [run('st', 1), run('st', 1)];
  wide.recipe = { ...wide.recipe, net: 'preact-resnet-18' };
  expect(() => findings([small, wide])).toThrow(
    'expected runs of one network and number of images, got small on 2 images; preact-resnet-18 on 2 images',
  );
  wide.recipe = { ...small.recipe, trainSamples: 5 };
  expect(() => findings([small, wide])).toThrow('got small on 2 images; small on 5 images');
  expect(nameOf(wide)).not.toBe(nameOf(small));
  wide.recipe = { ...small.recipe, net: 'preact-resnet-18' };
  expect(new Set([small, wide].map(nameOf)).size).toBe(2);
  expect(commandsOf(wide)[0]).toContain('--net preact-resnet-18');
  expect(commandsOf(wide)[0]).toContain('--out runs/cifar-10_linf_2_preact-resnet-18_st_1');
});

it('pixels are no layer that was learnt', () => {
  const [pixels] = layers([9, 1, 1]).layers ?? [];
  const rest = layers([1, 1, 0.2], [1, 2, 0.5]).layers ?? [];
  const seen = findings([run('st', 1, { layers: [{ ...pixels, name: 'input' }, { ...pixels, name: 'normalize' }, ...rest] })]);
  expect(seen.find(({ claim }) => claim.id === 'early-layers')).toMatchObject({ held: 0, seeds: 1 });
});

it('a claim whose runs are not there is not run, and neither true nor false', () => {
  const found = findings([run('st', 1), run('at', 2)]);
  expect(found.find(({ claim }) => claim.id === 'trades-robust')).toMatchObject({ held: 0, seeds: 0 });
  expect(found.find(({ claim }) => claim.id === 'leaping')).toMatchObject({ held: 1, seeds: 1 });
});

describe('estimate', () => {
  it('is the mean with Student’s interval', () => {
    expect(estimate([1, 2, 3])).toEqual({ mean: 2, half: expect.closeTo(4.3027 / Math.sqrt(3), 9), values: [1, 2, 3] });
    // 20 degrees of freedom: t = 2.0860.
    const many = Array.from({ length: 21 }, (_, i) => i);
    expect((estimate(many)?.half ?? 0) / Math.sqrt(38.5 / 21)).toBeCloseTo(2.086, 3);
  });
  it('leaves out what is not defined', () => {
    expect(estimate([4, null, undefined])).toEqual({ mean: 4, half: null, values: [4] });
    expect(estimate([null])).toBeUndefined();
  });
});

it('says of each way of training what its layers show', () => {
  const { bestEarly, lastLayer, nc1 } = depthOf([run('trades', 1), run('trades', 2, layers([8, 4, 0.6], [1, 2, 0.5]))]);
  expect([bestEarly?.mean, lastLayer?.mean]).toEqual([0.5, 0.25]);
  expect([nc1.clean.first?.mean, nc1.clean.last?.mean, nc1.pgd.first?.mean, nc1.pgd.last?.mean]).toEqual([8.5, 0.75, 6.5, 26]);
  expect(depthOf([run('st', 1, layers([9, 1, 1]))]).bestEarly, 'no layer comes before the last').toBeUndefined();
});
