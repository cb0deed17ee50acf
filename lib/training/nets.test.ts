import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { DATASETS } from '../data/datasets';
import { PREACT_RESNET_18, PREACT_RESNET_18_IMAGENETTE } from '../known/preact-resnet-18';
import { layersModelFiles } from '../model/layers-files';
import { Network } from '../model/network';
import { boardReasons, readModel } from '../model/preflight';
import { maxDifference } from '../testing/backends';
import { draw } from '../testing/draw';
import { oracleOutput } from '../testing/keras-oracle';
import { onEngine } from '../testing/on-engine';
import { crossEntropySum } from './batches';
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

const RESNETS = [
  ['preact-resnet-18', PREACT_RESNET_18, 'bn', [32, 32, 3], [32, 16, 8, 4]],
  ['preact-resnet-18-imagenette', PREACT_RESNET_18_IMAGENETTE, 'final_bn', [160, 160, 3], [40, 20, 10, 5]],
] as const;

it('PreActResNet-18 has 11 172 170 parameters for CIFAR-10, and the site takes it at full width', async () => {
  const network = open('preact-resnet-18', [32, 32, 3]);
  expect(sizeOf(network)).toBe(11_172_170);
  const read = await readModel(await exportModel(network, {}));
  if (!read.ok) throw new Error(read.reasons.join());
  expect(read.value).toMatchObject({ graph: { params: 11_172_170 }, feature: { name: 'mean', dim: 512 } });
  expect(boardReasons(read.value, DATASETS['cifar-10'])).toEqual([]);
  network.dispose();
});

it.each(RESNETS)('%s is written layer by layer as the one that PyTorch weights are converted to', async (id, known, norm, input, sizes) => {
  const network = open(id, input, 0.125);
  expect(network.layers.filter((l) => l.name.startsWith('layer')).map((l) => l.shape)).toEqual(
    sizes.flatMap((size, i) => Array(2).fill([size, size, 8 * 2 ** i])),
  );
  const topology = (files: ReadonlyMap<string, Uint8Array>) =>
    JSON.parse(new TextDecoder().decode(files.get('model.json'))).modelTopology.model_config.config.layers;
  const given: Record<string, number[]> = { 'conv1.weight': [8], [`${norm}.weight`]: [64] };
  const layers = known.build({ input, classes: 10, shapeOf: (tensor) => given[tensor] });
  const { weights = {}, ...normalize } = network.layers[0].written('image')[0];
  const stored = { name: 'known', input, layers: [normalize, ...layers], generatedBy: 'a test', about: {} };
  expect(topology(await exportModel(network, {}))).toEqual(topology(layersModelFiles(stored)));
  const learned = /\.(weight|bias)$/;
  const shapes = layers.flatMap((l) => Object.values(l.sources ?? {})).flatMap((s) => (learned.test(s.tensor) ? [s.shape] : []));
  expect(sizeOf(network)).toBe(shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0));
  tf.dispose(Object.values(weights));
  network.dispose();
});

it.each<[NetId, readonly [number, number, number], string]>([
  ['vgg-11', [32, 32, 3], 'gap'],
  ['vgg-11', [28, 28, 1], 'gap'],
  ['preact-resnet-18', [32, 32, 3], 'mean'],
  ['preact-resnet-18', [28, 28, 1], 'mean'],
  ['preact-resnet-18-imagenette', [64, 48, 3], 'mean'],
])('a narrow %s learns from images of %j and is written as a model that computes the same', async (id, input, feature) => {
  const network = open(id, input, 0.125);
  const size = input[0] * input[1] * input[2];
  const x = tf.tensor4d(draw(4 * size, 2, 0, 1), [4, ...input]);
  const labels = tf.tensor1d([0, 1, 2, 3], 'float32');
  const { logits, gradients } = network.gradients(x, labels, meanCrossEntropyGrad);
  const largest = await Promise.all(
    gradients.map(async (g) => ((await g.data()) as Float32Array).reduce((m, v) => Math.max(m, Math.abs(v)), 0)),
  );
  expect(Math.min(...largest)).toBeGreaterThan(0);
  const files = await exportModel(network, {});
  const read = await readModel(files);
  if (!read.ok) throw new Error(read.reasons.join());
  expect(read.value.feature).toMatchObject({ name: feature, dim: 64 });
  const ours = new Network(read.value.graph);
  const [a, b] = [network.classifier('inference').logits(x), ours.logits(x)];
  expect(maxDifference(await b.data(), await a.data())).toBeLessThan(1e-4);
  const oracle = await oracleOutput(files, (await x.data()) as Float32Array, [4, ...input]);
  expect(maxDifference(await a.data(), oracle)).toBeLessThan(1e-4);
  tf.dispose([x, labels, logits, gradients, a, b]);
  ours.dispose();
  network.dispose();
});

it.each(['batch', 'inference'] as const)(
  'the loss of a residual network rises along its gradient as fast as that is long, mode %s',
  async (mode) => {
    const network = open('preact-resnet-18', [16, 16, 3], 0.125);
    const x = tf.tensor4d(draw(8 * 768, 2, 0, 1), [8, 16, 16, 3]);
    const targets = [0, 1, 2, 3, 4, 5, 6, 7];
    const labels = tf.tensor1d(targets, 'float32');
    const { logits, gradients } = network.gradients(x, labels, meanCrossEntropyGrad, mode);
    const before = network.parameters.map((p) => p.value);
    const length = Math.sqrt(tf.tidy(() => gradients.reduce((sum, g) => sum + (tf.sum(tf.square(g)).arraySync() as number), 0)));
    const lossAt = (h: number) => {
      network.parameters.forEach((p, i) => {
        p.value = tf.tidy(() => tf.add(before[i], tf.mul(gradients[i], h / length)));
      });
      const z = network.classifier(mode).logits(x);
      const { loss } = crossEntropySum(z.dataSync() as Float32Array, targets);
      tf.dispose([z, network.parameters.map((p) => p.value)]);
      return loss / targets.length;
    };
    const h = 1e-3;
    expect(Math.abs((lossAt(h) - lossAt(-h)) / (2 * h) / length - 1)).toBeLessThan(0.01);
    network.parameters.forEach((p, i) => {
      p.value = before[i];
    });
    tf.dispose([x, labels, logits, gradients]);
    network.dispose();
  },
);
