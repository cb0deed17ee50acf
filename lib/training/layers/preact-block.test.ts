/** A block's gradients against tfjs' automatic differentiation, which only the cpu backend has every kernel for. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { expect, it } from 'vitest';
import { maxDifference } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { onEngine } from '../../testing/on-engine';
import type { Mode } from '../layer';
import { blockKernels, preactBlockLayer } from './preact-block';

onEngine('cpu');

const BATCH = 3;
type Sizes = { input: [number, number, number]; filters: number; stride: number; preactivate?: boolean };
const names = { bn1: 'bn1', bn2: 'bn2', shortcut: 'shortcut' };
type Padding = [[number, number], [number, number], [number, number], [number, number]];
/** A row on every side, as PyTorch pads. */
const ROUND: Padding = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];

/** The same block in tfjs' own differentiable operations; parameters in the order of the block's. */
function twin({ filters, stride, input, preactivate = true }: Sizes, mode: Mode, x: tf.Tensor4D, parameters: tf.Tensor[]): tf.Tensor4D {
  const [gamma1, beta1] = parameters;
  const [kernel1, gamma2, beta2, kernel2, shortcut] = parameters.slice(preactivate ? 2 : 0);
  const normal = (value: tf.Tensor4D, gamma: tf.Tensor, beta: tf.Tensor) => {
    const { mean, variance } = mode === 'inference' ? { mean: tf.scalar(0), variance: tf.scalar(1) } : tf.moments(value, [0, 1, 2]);
    const standard = tf.div(tf.sub(value, mean), tf.sqrt(tf.add(variance, 1e-5)));
    return tf.relu(tf.add(tf.mul(standard, gamma), beta)) as tf.Tensor4D;
  };
  const a = preactivate ? normal(x, gamma1, beta1) : x;
  const hidden = normal(tf.conv2d(tf.pad(a, ROUND), kernel1 as tf.Tensor4D, stride, 'valid'), gamma2, beta2);
  const through = tf.conv2d(hidden, kernel2 as tf.Tensor4D, 1, 'same');
  const beside = stride === 1 && filters === input[2] ? x : tf.conv2d(a, shortcut as tf.Tensor4D, stride, 'valid');
  return tf.add(through, beside);
}

it.each<[string, Sizes, Mode]>([
  ['that keeps its shape', { input: [5, 6, 4], filters: 4, stride: 1 }, 'step'],
  ['that keeps its shape', { input: [5, 6, 4], filters: 4, stride: 1 }, 'inference'],
  ['that widens', { input: [5, 6, 3], filters: 5, stride: 1 }, 'batch'],
  ['that halves an even image', { input: [6, 8, 3], filters: 5, stride: 2 }, 'batch'],
  ['that does not activate first', { input: [5, 6, 4], filters: 4, stride: 1, preactivate: false }, 'batch'],
  ['that widens and does not activate first', { input: [5, 6, 3], filters: 4, stride: 1, preactivate: false }, 'batch'],
  ['that halves an odd image', { input: [7, 5, 3], filters: 5, stride: 2 }, 'inference'],
])('the gradients of a block %s, %j in mode %s, agree with automatic differentiation', async (_, sizes, mode) => {
  const layer = preactBlockLayer({ name: 'block', names, ...sizes, seed: 3, index: 0 });
  for (const [i, p] of layer.parameters.entries()) {
    if (p.name.endsWith('kernel')) continue;
    const old = p.value;
    p.value = tf.keep(tf.tensor(draw(old.size, 50 + i, 0.5, 1.5), old.shape));
    old.dispose();
  }
  expect(layer.parameters.filter((p) => p.name.endsWith('kernel')).length).toBe(blockKernels(sizes));
  const x = tf.tensor4d(draw(BATCH * sizes.input.reduce((a, b) => a * b), 1), [BATCH, ...sizes.input]);
  const dy = tf.tensor(draw(BATCH * layer.shape.reduce((a, b) => a * b), 2), [BATCH, ...layer.shape]);
  // The way to the input alone is what an attack takes; the weights' is asked for first, as a weight step does.
  const found = tf.tidy(() => {
    const pass = layer.forward(x, mode);
    const weights = pass.toParameters(dy);
    return [tf.clone(pass.y), pass.toInput(dy), ...weights];
  });
  const attack = tf.tidy(() => layer.forward(x, mode === 'step' ? 'batch' : mode).toInput(dy));
  const parameters = layer.parameters.map((p) => p.value);
  const expected = tf.tidy(() => {
    const y = twin(sizes, mode, x, parameters);
    const slopes = tf.grads((first: tf.Tensor, ...rest: tf.Tensor[]) => tf.sum(tf.mul(twin(sizes, mode, first as tf.Tensor4D, rest), dy)));
    return [y, ...slopes([x, ...parameters])];
  });
  expect(found.length).toBe(expected.length);
  for (const [i, theirs] of expected.entries()) {
    const [a, b] = [await found[i].data(), (await theirs.data()) as Float32Array];
    const largest = b.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(largest).toBeGreaterThan(0.1);
    expect(maxDifference(a, b) / largest, `number ${i}`).toBeLessThan(2e-5);
  }
  expect(await attack.data()).toEqual(await found[1].data());
  tf.dispose([x, dy, attack, ...found, ...expected]);
  layer.dispose();
});
