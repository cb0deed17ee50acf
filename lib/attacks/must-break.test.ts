import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { toPixels } from '../protocol/measure';
import { draw } from '../testing/draw';
import { linearNetwork } from '../testing/linear-network';
import { roundedNetwork } from '../testing/masked-network';
import { drawnRecords, modelOf, testModelFiles } from '../testing/small-evaluation';
import { greyBatch, ROWS, SHAPE } from '../testing/standing';
import { apgdCe } from './apgd-attacks';
import { hostBall } from './host-ball';
import { mustBreak } from './must-break';
import { separatingHead } from './separating-head';
import type { StandingAttack } from './standing';

let tensors = 0;
beforeEach(async () => {
  await openEngine('wasm', nodeHost);
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

const sum = (list: ArrayLike<number>) => Array.from(list).reduce((a, b) => a + b, 0);

/** Finds nothing, and says the contrary. */
const boaster: StandingAttack = {
  ...apgdCe,
  attack: async (_, { ball, labels }) => ({ broken: new Uint8Array(labels.length).fill(1), points: ball.x0.slice() }),
};

describe('the test of an attack', () => {
  it.each([
    ['linf', 0.1],
    ['l2', 1.5],
  ] as const)('APGD finds what was put in the ball of a bundled model, %s; luck mostly does not', async (norm, epsilon) => {
    const { graph } = await modelOf(testModelFiles('fmnist_st'));
    const { images, labels } = drawnRecords('test', 6);
    const batch = {
      ball: hostBall(norm, epsilon, toPixels(images), 784),
      labels: Int32Array.from(labels),
      samples: Int32Array.from(labels.keys()),
      ...{ split: 'test' as const, seed: 1 },
    };
    const { tested, broken, lucky, forwards, backwards } = await mustBreak(graph, apgdCe, batch);
    expect([sum(tested), sum(broken)]).toEqual([6, 6]);
    expect(backwards).toBeGreaterThan(0);
    expect(backwards).toBeLessThanOrEqual(6 * 100);
    expect(forwards).toBe(backwards + 6 * 124);
    expect(sum(lucky) / 6).toBeLessThan(0.2);
    expect(await mustBreak(graph, boaster, batch)).toMatchObject({
      ...{ tested, broken: new Uint8Array(6) },
      // 101 points for the head, 22 through it, and the point that is boasted of.
      ...{ forwards: 6 * 124, backwards: 0 },
    });
  });

  it('a network that masks its gradients fails it', async () => {
    const samples = Array.from({ length: 10 }, (_, n) => n);
    const { tested, broken } = await mustBreak(roundedNetwork(SHAPE, ROWS), apgdCe, greyBatch('linf', 0.2, samples));
    expect(sum(tested)).toBeGreaterThanOrEqual(8);
    expect(sum(broken) / sum(tested)).toBeLessThan(0.5);
  });

  it('says the same of an image whatever is in its batch', async () => {
    const graph = roundedNetwork(SHAPE, ROWS);
    const [whole, alone] = [
      await mustBreak(graph, apgdCe, greyBatch('l2', 1, [4, 2])),
      await mustBreak(graph, apgdCe, greyBatch('l2', 1, [2])),
    ];
    expect([whole.tested[1], whole.broken[1], whole.lucky[1]]).toEqual([alone.tested[0], alone.broken[0], alone.lucky[0]]);
  });

  it('does not count images on which no altered layer exists: features that never change', async () => {
    const network = linearNetwork(SHAPE, ROWS);
    const { graph } = network;
    network.dispose();
    const flat = graph.nodes[1];
    const dead = {
      ...graph,
      nodes: [
        graph.nodes[0],
        { ...flat, name: 'off', op: off, shape: [5, 4, 3] },
        { ...flat, inputs: [1] },
        { ...graph.nodes[2], inputs: [2] },
      ],
    };
    const { tested, broken } = await mustBreak({ ...dead, output: 3, lastDense: 3 }, apgdCe, greyBatch('linf', 0.1, [0, 1]));
    expect([sum(tested), sum(broken)]).toEqual([0, 0]);
  });

  it('does not count images that luck would break: every point of the surface looks alike', async () => {
    const network = linearNetwork(
      [1, 1, 3],
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
    );
    const { graph } = network;
    network.dispose();
    const whole = { kind: 'maxPool', window: [5, 4], strides: [5, 4], pads: [0, 0, 0, 0] } as const;
    const nodes = [
      { ...graph.nodes[0], shape: SHAPE },
      { name: 'largest', op: whole, inputs: [0], shape: [1, 1, 3] },
      ...graph.nodes.slice(1).map((node) => ({ ...node, inputs: node.inputs.map((i) => i + 1) })),
    ];
    const batch = { ...greyBatch('linf', 0.2, [0]), ball: hostBall('linf', 0.2, new Float32Array(60).fill(0.5), 60) };
    const { tested, broken, lucky } = await mustBreak({ ...graph, nodes, output: 3, lastDense: 3 }, apgdCe, batch);
    expect([tested[0], broken[0], lucky[0]]).toEqual([0, 0, 1]);
  });

  it('is refused where there is no last Dense layer', async () => {
    const graph = { ...roundedNetwork(SHAPE, ROWS), lastDense: undefined };
    await expect(mustBreak(graph, apgdCe, greyBatch('linf', 0.1, [0]))).rejects.toMatchObject({ code: 'arguments' });
  });
});
const off = { kind: 'affine', scale: new Float32Array(3), shift: new Float32Array(3).fill(1), relu: false } as const;

describe('a separating head', () => {
  it('scores the one 1 and the others 0 at most', () => {
    const rows = draw(20 * 30, 7);
    const head = separatingHead(rows, 30);
    const scores = Array.from(
      { length: 20 },
      (_, n) => sum(rows.slice(n * 30, (n + 1) * 30).map((v, i) => v * (head?.w[i] ?? 0))) + (head?.b ?? 0),
    );
    expect(scores[19]).toBeCloseTo(1, 4);
    expect(Math.max(...scores.slice(0, 19))).toBeCloseTo(0, 4);
  });

  it('is none where the one lies among the others', () => {
    expect(separatingHead(Float32Array.of(0, 0, 2, 0, 1, 0), 2)).toBeUndefined();
    expect(separatingHead(new Float32Array(8).fill(3), 2)).toBeUndefined();
  });
});
