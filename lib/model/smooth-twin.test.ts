import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { FORMULAS } from '../engine/kernels/activation';
import { crossEntropyGrad } from '../engine/kernels/loss-grad';
import { nodeHost } from '../engine/node-host';
import { maxDifference, onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import { drawnRecords, modelOf, testModelFiles } from '../testing/small-evaluation';
import type { ModelGraph, Operation } from './graph';
import { Network } from './network';
import { smoothTwin } from './smooth-twin';

/** One activation of eight numbers, and a last layer that takes them as they are. */
function graphOf(op: Operation): ModelGraph {
  const identity = Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0));
  return {
    nodes: [
      { name: 'input', op: { kind: 'input' }, inputs: [], shape: [2, 2, 2] },
      { name: 'act', op, inputs: [0], shape: [2, 2, 2] },
      { name: 'flat', op: { kind: 'reshape' }, inputs: [1], shape: [8] },
      { name: 'logits', op: { kind: 'dense', kernel: { shape: [8, 8], values: identity }, relu: true }, inputs: [2], shape: [8] },
    ],
    output: 3,
    lastDense: 3,
    notes: [],
    layers: 3,
    params: 0,
  };
}
/** A GPU is read back asynchronously only. */
async function read(make: () => tf.Tensor): Promise<Float32Array> {
  const tensor = tf.tidy(make);
  const values = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return values;
}
const slopes = (network: Network, x: Float32Array) =>
  read(() => network.inputGradient(tf.tensor4d(x, [1, 2, 2, 2]), tf.tensor1d([0]), (z) => tf.onesLike(z) as tf.Tensor2D));

onEachBackend('a smooth twin', () => {
  it('runs forward as the network does, with other slopes; a fused ReLU is one of them', async () => {
    const graph = graphOf({ kind: 'activation', activation: { name: 'clip', alpha: -0.1, beta: 0.1 } });
    const twin = smoothTwin(graph);
    expect(twin.replaced).toEqual({ clip: 1, relu: 1 });
    expect(twin.graph.nodes.map(({ name }) => name)).toEqual(['input', 'act', 'flat', 'logits', 'logits/relu']);
    expect(twin.graph).toMatchObject({ output: 4, lastDense: 3 });
    const [network, smooth] = [new Network(graph), new Network(twin.graph)];
    const x = draw(8, 5);
    const outputs = await Promise.all([network, smooth].map((n) => read(() => n.logits(tf.tensor4d(x, [1, 2, 2, 2])))));
    expect(outputs[1]).toEqual(outputs[0]);
    expect((await slopes(network, x)).every((s, i) => s === (x[i] > 0 && x[i] < 0.1 ? 1 : 0))).toBe(true);
    const clipped = Array.from(x, (v) => FORMULAS.leakyRelu.slope(FORMULAS.clip.value(v, -0.1, 0.1), 0.1));
    expect(maxDifference(await slopes(smooth, x), clipped)).toBeLessThan(1e-5);
    network.dispose();
    smooth.dispose();
  });
});

it('a smooth twin of a bundled model gives its logits to the last bit, and a gradient that points uphill', async () => {
  await openEngine('wasm', nodeHost);
  const { graph } = await modelOf(testModelFiles('fmnist_st'));
  const { graph: twin, replaced } = smoothTwin(graph);
  expect(replaced).toEqual({ relu: 4 });
  const [network, smooth] = [new Network(graph), new Network(twin)];
  const { images, labels } = drawnRecords('test', 2);
  tf.tidy(() => {
    const x = tf.tensor4d(
      Float32Array.from(images, (b) => b / 255),
      [2, 28, 28, 1],
    );
    expect(smooth.logits(x).dataSync()).toEqual(network.logits(x).dataSync());
    const y = tf.tensor1d([...labels], 'float32');
    const [own, other] = [network, smooth].map((n) => n.inputGradient(x, y, crossEntropyGrad));
    const cosine =
      tf.sum(tf.mul(own, other)).dataSync()[0] / Math.sqrt(tf.sum(tf.square(own)).dataSync()[0] * tf.sum(tf.square(other)).dataSync()[0]);
    expect(cosine).toBeGreaterThan(0.1);
    expect(cosine).toBeLessThan(0.999);
  });
  network.dispose();
  smooth.dispose();
});
