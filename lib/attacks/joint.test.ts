import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { Network } from '../model/network';
import { onEachBackend } from '../testing/backends';
import { boundaryDistance, classAt, greyBatch, linearClassifier } from '../testing/standing';
import { isRanking } from './catalogue';
import { distanceFrom } from './host-ball';
import { type JointSearch, jointSearch, movedShare } from './joint';
import { jointNotes } from './joint-notes';
import { predicted } from './losses';

/** Image `sample` in a ball that ends just short of its boundary. */
function search(norm: 'linf' | 'l2', sample: number, changes: Partial<JointSearch> = {}): JointSearch {
  const { ball, labels, split, seed } = greyBatch(norm, 0.97 * boundaryDistance(norm, sample), [sample]);
  return { ball, label: labels[0], sample, split, seed, restart: 0, alpha: ball.epsilon / 4, steps: 10, ...changes };
}
async function classOf(network: Network, x: Float32Array): Promise<number> {
  const logits = tf.tidy(() => network.logits(tf.tensor4d(x, [1, 5, 4, 3])));
  const values = (await logits.data()) as Float32Array;
  logits.dispose();
  return predicted(values);
}

onEachBackend('image and weights together', () => {
  it.each(['linf', 'l2'] as const)('break what neither breaks alone, %s', async (norm) => {
    const network = linearClassifier();
    for (const sample of [0, 3]) {
      const alone = await jointSearch(network, search(norm, sample, { gamma: 0 }));
      expect(await classOf(network, alone.x)).toBe(classAt(search(norm, sample).ball.x0));
      expect(movedShare(network.graph, alone.graph)).toBe(0);
      const wanted = search(norm, sample, { gamma: 0.01 });
      const { x, graph } = await jointSearch(network, wanted);
      expect(distanceFrom(wanted.ball, 0, x, 0)).toBeLessThanOrEqual(wanted.ball.epsilon * (1 + 1e-6));
      expect(movedShare(network.graph, graph)).toBeGreaterThan(0);
      expect(movedShare(network.graph, graph)).toBeLessThanOrEqual(0.01);
      const moved = new Network(graph);
      expect(await classOf(moved, x)).not.toBe(wanted.label);
      expect(await classOf(moved, wanted.ball.x0)).toBe(wanted.label);
      moved.dispose();
    }
    network.dispose();
  });
});

describe('the joint probe', () => {
  beforeEach(() => openEngine('wasm', nodeHost));

  it('counts into no robust accuracy', () => expect(isRanking('joint')).toBe(false));

  it('keeps weights that go to the end within their radius, float32’s rounding included', async () => {
    const network = linearClassifier();
    for (let sample = 0; sample < 8; sample++) {
      const { graph } = await jointSearch(network, search('linf', sample, { gamma: 5e-4, ball: greyBatch('linf', 1e-6, [sample]).ball }));
      const share = movedShare(network.graph, graph);
      expect(share).toBeGreaterThan(0.999 * 5e-4);
      expect(share).toBeLessThanOrEqual(5e-4);
    }
    network.dispose();
  });

  it('names the image where the network is not finite', async () => {
    const network = linearClassifier();
    const { ball, ...rest } = search('linf', 0);
    const broken = { ...ball, x0: ball.x0.map(() => NaN) };
    await expect(jointSearch(network, { ...rest, ball: broken })).rejects.toMatchObject({
      code: 'computation-failed',
      message: 'joint: an output at sample 0 is not finite; the model cannot be attacked',
    });
    network.dispose();
  });

  it('says which kernels it leaves alone', () => {
    const network = linearClassifier();
    const { graph } = network;
    network.dispose();
    expect(jointNotes(graph, ['joint'])).toEqual([]);
    const kernel = { shape: [1, 1, 3, 1], values: new Float32Array(3) };
    const depthwise = { kind: 'depthwise', kernel, relu: false, strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const;
    const mobile = { ...graph, nodes: [...graph.nodes, { name: 'dw', op: depthwise, inputs: [0], shape: [5, 4, 3] }] };
    expect(jointNotes(mobile, ['joint'])).toEqual(['joint: kernels of depthwise convolutions are left as they are: dw']);
    expect(jointNotes(mobile, ['pgd-10'])).toEqual([]);
  });
});
