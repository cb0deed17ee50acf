/** Units that look behind masked gradients: they break what the network's own gradients hide, and what they say is measured anew. */
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { Network } from '../model/network';
import { roundedNetwork } from '../testing/masked-network';
import { drawnRecords, linfBoard, modelOf, networkOf, testModelFiles } from '../testing/small-evaluation';
import { greyBatch, ROWS, SHAPE } from '../testing/standing';
import { MUST_BREAK } from './masked-measure';
import { type MeasureJob, type MeasureResult, type MeasureSettings, measure } from './measure';
import type { Variant } from './variant';

let tensors = 0;
beforeEach(async () => {
  await openEngine('wasm', nodeHost);
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

const COUNT = 12;
const bytes = Uint8Array.from(
  greyBatch(
    'linf',
    0.1,
    Array.from({ length: COUNT }, (_, n) => n),
  ).ball.x0,
  (v) => Math.round(255 * v),
);
const settings: MeasureSettings = { board: { ...linfBoard, epsilon: 0.2 }, seed: 1, restarts: 1 };
const job = (changes: Partial<MeasureJob>): MeasureJob => ({
  ...{ split: 'test', first: 0, condition: 'apgd-ce', images: bytes, labels: new Uint8Array(COUNT) },
  ...{ wantFeatures: false, wantPerturbed: false, layers: [], ...changes },
});
const instead = (kind: Variant['instead']): Pick<MeasureJob, 'variant'> => ({ variant: { id: `check-${kind}`, instead: kind } });
const standing = ({ predictions }: MeasureResult, labels: Uint8Array) => labels.filter((y, n) => predictions[n] === y).length;

describe('a network that rounds its logits', () => {
  it('breaks along smooth slopes after its own have failed, in balls and witnesses that are measured anew', async () => {
    const network = new Network(roundedNetwork(SHAPE, ROWS));
    const clean = await measure(network, job({ condition: 'clean' }), settings);
    const labels = Uint8Array.from(clean.predictions);
    const own = await measure(network, job({ labels, before: clean }), settings);
    const smoothed = await measure(network, job({ labels, before: own, ...instead('smooth') }), settings);
    expect(standing(own, labels)).toBeGreaterThanOrEqual(9);
    expect(standing(smoothed, labels)).toBeLessThanOrEqual(4);
    expect(smoothed.attacked).toBe(standing(own, labels));
    expect(Math.max(...smoothed.linf)).toBeLessThanOrEqual(0.2 * (1 + 1e-6));
    // The passes of the twin, which alone is climbed on.
    expect(smoothed.backwards).toBeGreaterThan(0);
    network.dispose();
  });

  it('fails the test of the attack, whose images keep their outcome', async () => {
    const network = new Network(roundedNetwork(SHAPE, ROWS));
    const clean = await measure(network, job({ condition: 'clean' }), settings);
    const tested = await measure(network, job({ before: clean, ...instead('must-break') }), settings);
    expect(tested.predictions).toEqual(clean.predictions);
    const of = (outcome: number) => [...(tested.mustBreak ?? [])].filter((o) => o === outcome).length;
    expect(of(MUST_BREAK.held)).toBeGreaterThan(of(MUST_BREAK.broke));
    expect(of(MUST_BREAK.notAltered)).toBeLessThanOrEqual(3);
    network.dispose();
  });
});

describe('bundled models', () => {
  const records = drawnRecords('test', 4);

  it('pass the test of the attack; the surrogate is the one that was handed in', async () => {
    const network = networkOf(await modelOf(testModelFiles('fmnist_st')));
    const own = { ...settings, board: linfBoard, surrogate: testModelFiles('fmnist_at') };
    const clean = await measure(network, job({ ...records, condition: 'clean' }), own);
    const labels = Uint8Array.from(clean.predictions);
    const tested = await measure(network, job({ ...records, labels, before: clean, ...instead('must-break') }), own);
    expect([...(tested.mustBreak ?? [])]).toEqual(Array(4).fill(MUST_BREAK.broke));
    const transferred = await measure(network, job({ ...records, labels, before: clean, ...instead('transfer') }), own);
    expect(transferred.attacked).toBe(4);
    expect(Math.max(...transferred.linf)).toBeLessThanOrEqual(0.1 * (1 + 1e-6));
    const without = measure(network, job({ ...records, labels, before: clean, ...instead('transfer') }), settings);
    await expect(without).rejects.toMatchObject({ code: 'arguments', message: expect.stringContaining('surrogate') });
    network.dispose();
  });

  it('have nothing to test in a ball of radius 0, nor without a last Dense layer', async () => {
    const model = await modelOf(testModelFiles('fmnist_st'));
    for (const [graph, epsilon] of [
      [model.graph, 0],
      [{ ...model.graph, lastDense: undefined }, 0.1],
    ] as const) {
      const network = new Network(graph);
      const here = { ...settings, board: { ...linfBoard, epsilon } };
      const clean = await measure(network, job({ ...records, condition: 'clean' }), here);
      const tested = await measure(network, job({ ...records, before: clean, ...instead('must-break') }), here);
      expect([...(tested.mustBreak ?? [])]).toEqual([0, 0, 0, 0]);
      network.dispose();
    }
  });
});
