import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import type { Network } from '../model/network';
import type { Model } from '../model/preflight';
import {
  drawnRecords,
  evaluateHere,
  linfBoard,
  memorySource,
  modelOf,
  networkOf,
  requestFor,
  testModelFiles,
  timeless,
} from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { type MeasureJob, measure } from './measure';
import { imageCost } from './plan';
import type { UnitProgress } from './unit-progress';

const COUNT = 4;
const board: Board = { ...linfBoard, epsilon: 0.004, alpha: 0.001 };
const settings = { board, seed: 3, restarts: 1 };
let model: Model;
let network: Network;
let labels: Int32Array;

const job = (changes: Partial<MeasureJob> = {}): MeasureJob => ({
  ...drawnRecords('test', COUNT, labels),
  ...{ split: 'test', first: 0, condition: 'joint', wantFeatures: false, wantPerturbed: true, layers: [] },
  ...changes,
});

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
  model = await modelOf(testModelFiles('fmnist_st'));
  network = networkOf(model);
  ({ predictions: labels } = await measure(network, job({ condition: 'clean', labels: new Uint8Array(COUNT) }), settings));
});
afterAll(() => network.dispose());

it.each([board, { ...(BOARDS.get('fashion-mnist/l2') as Board), epsilon: 0.05, alpha: 0.01 }])(
  'a unit of the joint probe on $id stays in the ball, is the same with any number of images at once, and says how far it is',
  async (of) => {
    const heard: UnitProgress[] = [];
    const whole = await measure(network, job(), { ...settings, board: of }, (progress) => heard.push(progress));
    const parts = await measure(network, job({ atOnce: 1 }), { ...settings, board: of });
    expect(parts).toEqual(whole);
    const sizes = of.norm === 'linf' ? whole.linf : whole.l2;
    expect(sizes.every((size) => size > 0 && size <= of.epsilon * (1 + 1e-6))).toBe(true);
    expect(heard).toHaveLength(whole.backwards);
    expect(heard.every(({ done }, i) => done > (heard[i - 1]?.done ?? 0) && done <= COUNT * imageCost('joint', settings))).toBe(true);
    const clean = await measure(network, job({ condition: 'clean' }), settings);
    expect(whole.losses.every((loss, n) => loss > clean.losses[n])).toBe(true);
  },
);

it('more restarts lose no image that fewer had broken', async () => {
  const one = await measure(network, job(), settings);
  const three = await measure(network, job(), { ...settings, restarts: 3 });
  one.predictions.forEach((p, n) => {
    expect(p === labels[n] || three.predictions[n] !== labels[n]).toBe(true);
    if (three.predictions[n] === labels[n]) expect(three.losses[n]).toBeGreaterThanOrEqual(one.losses[n]);
  });
});

it('an evaluation reports it, and robust accuracy is without it', async () => {
  const data = memorySource({ test: drawnRecords('test', COUNT, labels) });
  const request = requestFor(model, { board, attacks: ['pgd-margin', 'joint'], samples: COUNT, trainSamples: 0, batch: 3 });
  const report = await evaluateHere(network, request, data);
  expect(report.attacks.joint?.linfMax).toBeLessThanOrEqual(board.epsilon * (1 + 1e-6));
  expect(report.evidence.joint).toBeDefined();
  expect(Object.keys(report.robust?.brokenBy ?? {})).toEqual(['pgd-margin']);
  expect(report.robust?.correct).toBe(report.attacks['pgd-margin']?.correct);
  expect(timeless(await evaluateHere(network, { ...request, batch: 1 }, data))).toEqual(timeless(report));
  const alone = await evaluateHere(network, { ...request, attacks: ['joint'] }, data);
  expect(alone).not.toHaveProperty('robust');
});
