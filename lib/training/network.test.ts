/** A whole network's gradients against tfjs' automatic differentiation, which only the cpu backend has every kernel for. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { marginGrad } from '../engine/kernels/loss-grad';
import { nodeHost } from '../engine/node-host';
import { maxDifference } from '../testing/backends';
import { draw } from '../testing/draw';
import { meanCrossEntropyGrad } from './modes/mean-cross-entropy';
import { openNet } from './nets';
import type { TrainableNetwork } from './network';

const BATCH = 4;
const INPUT = [16, 16, 2] as const;
const pixels = { mean: [0.4, 0.5], deviation: [0.25, 0.3] };

beforeAll(async () => {
  await openEngine('cpu', nodeHost);
});

function open(): TrainableNetwork {
  const network = openNet('small', 'test', { input: INPUT, classes: 5, pixels, seed: 3 });
  // Away from γ = 1, β = 0, b = 0, where errors could hide.
  network.parameters.forEach((p, i) => {
    if (p.name.endsWith('kernel')) return;
    const old = p.value;
    p.value = tf.keep(tf.tensor(draw(old.size, 50 + i, 0.5, 1.5), old.shape));
    old.dispose();
  });
  return network;
}

/** The same network in tfjs' own differentiable operations; parameters in the order of the network's. */
function twin(x: tf.Tensor4D, parameters: tf.Tensor[]): tf.Tensor2D {
  let value = tf.div(tf.sub(x, pixels.mean), pixels.deviation) as tf.Tensor4D;
  for (let i = 0; i < 4; i++) {
    const [kernel, gamma, beta] = parameters.slice(3 * i, 3 * i + 3);
    if (i > 0) value = tf.maxPool(value, 2, 2, 'valid');
    const z = tf.conv2d(value, kernel as tf.Tensor4D, 1, 'same');
    const { mean, variance } = tf.moments(z, [0, 1, 2]);
    const normal = tf.div(tf.sub(z, mean), tf.sqrt(tf.add(variance, 1e-5)));
    value = tf.relu(tf.add(tf.mul(normal, gamma), beta)) as tf.Tensor4D;
  }
  return tf.add(tf.matMul(tf.mean(value, [1, 2]) as tf.Tensor2D, parameters[12] as tf.Tensor2D), parameters[13]) as tf.Tensor2D;
}

const twinLoss = (logits: tf.Tensor2D, labels: number[]) =>
  tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, 5)), 1))) as tf.Scalar;

it('agrees with automatic differentiation in every parameter and in the pixels', async () => {
  const network = open();
  const labels = [4, 0, 2, 1];
  const x = tf.tensor4d(draw(BATCH * 16 * 16 * 2, 1, 0, 1), [BATCH, ...INPUT]);
  const targets = tf.tensor1d(labels, 'float32');
  const before = tf.memory().numTensors;
  const { logits, gradients } = network.gradients(x, targets, meanCrossEntropyGrad, 'batch');
  const dx = network.classifier('batch').inputGradient(x, targets, meanCrossEntropyGrad);
  expect(tf.memory().numTensors - before).toBe(2 + network.parameters.length);
  const parameters = network.parameters.map((p) => p.value);
  const expected = tf.grads((first: tf.Tensor, ...rest: tf.Tensor[]) => twinLoss(twin(first as tf.Tensor4D, rest), labels))([
    x,
    ...parameters,
  ]);
  const expectedLogits = tf.tidy(() => twin(x, parameters));
  expect(maxDifference(await logits.data(), await expectedLogits.data())).toBeLessThan(1e-5);
  const compare = async (ours: tf.Tensor, theirs: tf.Tensor) => {
    const [a, b] = [(await ours.data()) as Float32Array, (await theirs.data()) as Float32Array];
    const largest = b.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(largest).toBeGreaterThan(1e-4);
    expect(maxDifference(a, b) / largest).toBeLessThan(2e-4);
  };
  await compare(dx, expected[0]);
  expect(gradients.length).toBe(14);
  for (const [i, gradient] of gradients.entries()) await compare(gradient, expected[1 + i]);
  tf.dispose([x, targets, logits, dx, expectedLogits, ...gradients, ...expected]);
  network.dispose();
});

it('moves its moving averages in a weight step only, and leaves nothing behind', async () => {
  const before = tf.memory().numTensors;
  const network = open();
  const x = tf.tensor4d(draw(BATCH * 16 * 16 * 2, 1, 0, 1), [BATCH, ...INPUT]);
  const targets = tf.tensor1d([0, 1, 2, 3], 'float32');
  const averages = async () => {
    const written = tf.tidy(() => {
      const layer = network.layers.find((l) => l.name === 'bn2')?.written('conv2')[0];
      return tf.clone(layer?.weights?.moving_mean as tf.Tensor);
    });
    const values = await written.data();
    written.dispose();
    return [...values];
  };
  const first = await averages();
  expect(first.every((v) => v === 0)).toBe(true);
  network.classifier('batch').inputGradient(x, targets, marginGrad).dispose();
  network.classifier('inference').logits(x).dispose();
  expect(await averages()).toEqual(first);
  const { logits, gradients } = network.gradients(x, targets, meanCrossEntropyGrad);
  expect(await averages()).not.toEqual(first);
  tf.dispose([x, targets, logits, ...gradients]);
  network.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
