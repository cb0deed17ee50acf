import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Network } from '../model/network';
import { readModel } from '../model/preflight';
import { maxDifference } from '../testing/backends';
import { draw } from '../testing/draw';
import { onEngine } from '../testing/on-engine';
import { exportModel } from './export';
import { meanCrossEntropyGrad } from './modes/mean-cross-entropy';
import { type NetId, openNet } from './nets';

const open = (id: NetId, input: readonly [number, number, number], width?: number) => {
  const pixels = { mean: Array(input[2]).fill(0.5), deviation: Array(input[2]).fill(0.25) };
  return openNet(id, id, { input, classes: 10, pixels, seed: 1, ...(width ? { width } : {}) });
};
const sizeOf = (network: ReturnType<typeof open>) => network.parameters.reduce((sum, p) => sum + p.value.size, 0);

onEngine('wasm');

it('VGG-11 has the published convolutions: 9 217 728 numbers in kernels, 5 504 in batch norms, 5 130 in the dense layer', () => {
  const network = open('vgg-11', [32, 32, 3]);
  expect(sizeOf(network)).toBe(9_217_728 + 5_504 + 5_130);
  expect(network.layers.filter((l) => l.name.startsWith('pool')).map((l) => l.shape[0])).toEqual([16, 8, 4, 2, 1]);
  network.dispose();
});

it('a width scales the filters of every convolution, one at least', () => {
  const widths = [0.5, 0.01].map((width) => {
    const network = open('small', [28, 28, 1], width);
    const filters = network.layers.filter((l) => l.name.startsWith('conv')).map((l) => l.shape[2]);
    network.dispose();
    return filters;
  });
  expect(widths).toEqual([
    [8, 16, 24, 32],
    [1, 1, 1, 1],
  ]);
});

it.each<[NetId, readonly [number, number, number]]>([
  ['vgg-11', [32, 32, 3]],
  ['vgg-11', [28, 28, 1]],
])('a narrow %s learns from images of %s and is written as a model that computes the same', async (id, input) => {
  const network = open(id, input, 0.125);
  const size = input[0] * input[1] * input[2];
  const x = tf.tensor4d(draw(4 * size, 2, 0, 1), [4, ...input]);
  const labels = tf.tensor1d([0, 1, 2, 3], 'float32');
  const { logits, gradients } = network.gradients(x, labels, meanCrossEntropyGrad);
  const largest = await Promise.all(
    gradients.map(async (g) => ((await g.data()) as Float32Array).reduce((m, v) => Math.max(m, Math.abs(v)), 0)),
  );
  expect(Math.min(...largest)).toBeGreaterThan(0);
  const read = await readModel(await exportModel(network, {}));
  if (!read.ok) throw new Error(read.reasons.join());
  expect(read.value.feature).toMatchObject({ name: 'gap', dim: 64 });
  const ours = new Network(read.value.graph);
  const [a, b] = [network.classifier('inference').logits(x), ours.logits(x)];
  expect(maxDifference(await b.data(), await a.data())).toBeLessThan(1e-4);
  tf.dispose([x, labels, logits, gradients, a, b]);
  ours.dispose();
  network.dispose();
});
