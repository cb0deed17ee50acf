/** The transfer and the smooth-replacement attack: where gradients are masked they break what APGD can't, elsewhere nothing more. */
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import type { Classifier } from '../model/classifier';
import { CountedNetwork } from '../model/counting';
import { Network } from '../model/network';
import { smoothTwin } from '../model/smooth-twin';
import { toPixels } from '../protocol/measure';
import { draw } from '../testing/draw';
import { linearNetwork } from '../testing/linear-network';
import { roundedNetwork } from '../testing/masked-network';
import { drawnRecords, modelOf, testModelFiles } from '../testing/small-evaluation';
import { boundaryDistance, greyBatch, linearClassifier, ROWS, SHAPE } from '../testing/standing';
import type { Breaks } from './apgd';
import { apgdCe } from './apgd-attacks';
import { distanceFrom, hostBall } from './host-ball';
import { predicted } from './losses';
import { Passes } from './passes';
import { smooth } from './smooth';
import type { StandingBatch } from './standing';
import { transfer } from './transfer';

const SAMPLES = Array.from({ length: 12 }, (_, n) => n);
const NORMS = ['linf', 'l2'] as const;
/** So large that nearly all images of the linear network can be broken. */
const radius = (norm: 'linf' | 'l2') => 1.2 * [...SAMPLES.map((n) => boundaryDistance(norm, n))].sort((a, b) => a - b)[9];

let tensors = 0;
beforeEach(async () => {
  await openEngine('wasm', nodeHost);
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

const total = ({ broken }: Breaks) => broken.reduce((n, b) => n + b, 0);

/** The batch with the network's own classes. */
async function labelled(network: Classifier, norm: 'linf' | 'l2'): Promise<StandingBatch> {
  const batch = greyBatch(norm, radius(norm), SAMPLES);
  const logits = await new Passes(network, 'clean').logits({ x: batch.ball.x0, samples: batch.samples });
  return { ...batch, labels: batch.labels.map((_, n) => predicted(logits.subarray(n * 5, (n + 1) * 5))) };
}

/** What is called broken lies in the ball and is wrong. */
async function expectTrue(network: Classifier, { ball, labels, samples }: StandingBatch, { broken, points }: Breaks) {
  const logits = await new Passes(network, 'check').logits({ x: points, samples });
  labels.forEach((y, n) => {
    expect(distanceFrom(ball, n, points, n * ball.size)).toBeLessThanOrEqual(broken[n] ? ball.epsilon * (1 + 1e-6) : 0);
    expect(predicted(logits.subarray(n * 5, (n + 1) * 5)) !== y).toBe(broken[n] === 1);
  });
}

describe.each(NORMS)('a network that rounds its logits, %s', (norm) => {
  it('holds against APGD, and breaks by transfer and by smooth slopes', async () => {
    const graph = roundedNetwork(SHAPE, ROWS);
    const { graph: twinGraph, replaced } = smoothTwin(graph);
    expect(replaced).toEqual({ clip: 1 });
    const [network, twin, surrogate] = [new Network(graph), new Network(twinGraph), linearClassifier()];
    const batch = await labelled(network, norm);
    const own = total(await apgdCe.attack(network, batch));
    const [transferred, smoothed] = [await transfer(surrogate, network, batch), await smooth(twin, network, batch)];
    await expectTrue(network, batch, transferred);
    await expectTrue(network, batch, smoothed);
    expect(own).toBeLessThanOrEqual(3);
    expect(total(transferred)).toBeGreaterThanOrEqual(8);
    expect(total(smoothed)).toBeGreaterThanOrEqual(8);
    for (const opened of [network, twin, surrogate]) opened.dispose();
  });
});

describe('a network that rounds its logits by pairs of ReLUs, relu(u) − relu(u − 1)', () => {
  it('hides as much from smooth slopes as from its own, and breaks by transfer', async () => {
    const graph = roundedNetwork(SHAPE, ROWS, true);
    const [network, twin, surrogate] = [new Network(graph), new Network(smoothTwin(graph).graph), linearClassifier()];
    const batch = await labelled(network, 'linf');
    const own = total(await apgdCe.attack(network, batch));
    const smoothed = await smooth(twin, network, batch);
    expect(own).toBeLessThanOrEqual(8);
    expect(total(smoothed)).toBeLessThanOrEqual(own + 2);
    expect(total(await transfer(surrogate, network, batch))).toBeGreaterThanOrEqual(10);
    for (const opened of [network, twin, surrogate]) opened.dispose();
  });
});

describe('a network whose logits are so large that cross-entropy has no slope', () => {
  it('breaks by transfer; it has nothing that smooth slopes could help', async () => {
    const [network, surrogate] = [linearNetwork(SHAPE, ROWS, 1e5), linearClassifier()];
    const { graph, replaced } = smoothTwin(network.graph);
    expect(replaced).toEqual({});
    const twin = new Network(graph);
    const batch = await labelled(network, 'linf');
    expect(total(await apgdCe.attack(network, batch))).toBeLessThanOrEqual(3);
    expect(total(await smooth(twin, network, batch))).toBeLessThanOrEqual(3);
    expect(total(await transfer(surrogate, network, batch))).toBeGreaterThanOrEqual(8);
    for (const opened of [network, twin, surrogate]) opened.dispose();
  });
});

describe('a network that masks nothing', () => {
  it.each(NORMS)('loses nothing more, %s', async (norm) => {
    const network = linearClassifier();
    const twin = new Network(smoothTwin(network.graph).graph);
    const stranger = linearNetwork(
      SHAPE,
      ROWS.map((_, c) => draw(60, 900 + c)),
    );
    const batch = await labelled(network, norm);
    const own = await apgdCe.attack(network, batch);
    expect(total(own)).toBeGreaterThanOrEqual(8);
    expect((await smooth(twin, network, batch)).broken).toEqual(own.broken);
    const strange = await transfer(stranger, network, batch);
    expect(strange.broken.every((b, n) => b <= own.broken[n])).toBe(true);
    expect(total(strange)).toBeLessThan(total(own));
    for (const opened of [network, twin, stranger]) opened.dispose();
  });
});

describe('a deep network that masks nothing', () => {
  it('breaks along the other slopes about as well as along its own', async () => {
    const { graph } = await modelOf(testModelFiles('fmnist_st'));
    const [network, twin] = [new Network(graph), new Network(smoothTwin(graph).graph)];
    const count = 12;
    const x0 = toPixels(drawnRecords('test', count).images);
    const samples = Int32Array.from({ length: count }, (_, n) => n);
    const logits = await new Passes(network, 'clean').logits({ x: x0, samples });
    const labels = samples.map((n) => predicted(logits.subarray(n * 10, (n + 1) * 10)));
    const batch = { ball: hostBall('linf', 0.006, x0, 784), labels, samples, split: 'test' as const, seed: 1 };
    const [own, other] = [total(await apgdCe.attack(network, batch)), total(await smooth(twin, network, batch))];
    expect(own).toBeGreaterThanOrEqual(5);
    expect(other).toBeGreaterThanOrEqual(0.8 * own);
    network.dispose();
    twin.dispose();
  });
});

describe('both attacks', () => {
  it('give an image the same point whatever is in its batch, cost what they say, and nothing on no images', async () => {
    const graph = roundedNetwork(SHAPE, ROWS);
    const [network, twin, surrogate] = [new Network(graph), new Network(smoothTwin(graph).graph), linearClassifier()];
    for (const [attack, by] of [
      [transfer, surrogate],
      [smooth, twin],
    ] as const) {
      const whole = greyBatch('linf', radius('linf'), [6, 1, 3]);
      const alone = await attack(by, network, greyBatch('linf', radius('linf'), [3]));
      const all = await attack(by, network, whole);
      expect([all.broken[2], ...all.points.subarray(120)]).toEqual([alone.broken[0], ...alone.points]);
      const [own, other] = [new CountedNetwork(network), new CountedNetwork(by)];
      await attack(other, own, greyBatch('l2', 1, []));
      expect([own.forwards, own.backwards, other.forwards, other.backwards]).toEqual([0, 0, 0, 0]);
      await attack(other, own, greyBatch('linf', 1e-6, [0]));
      expect([own.forwards, own.backwards, other.forwards, other.backwards]).toEqual([1, 0, 101, 100]);
    }
    for (const opened of [network, twin, surrogate]) opened.dispose();
  });
});
