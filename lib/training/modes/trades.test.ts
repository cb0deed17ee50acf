import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { expect, it } from 'vitest';
import { NORMS } from '../../attacks/norms';
import { maxDifference } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { onEngine } from '../../testing/on-engine';
import { writtenLayers } from '../layer';
import { openNet } from '../nets';
import { meanCrossEntropyGrad } from './mean-cross-entropy';
import { klGradClean, klGradMoved, TRADES_WEIGHT, trades, tradesAsPublished, tradesPoint } from './trades';

const THREAT = { norm: NORMS.linf, epsilon: 0.1, alpha: 0.02, steps: 10, seed: 4 };
onEngine('cpu');

/** KL(p ‖ p′) summed over the batch, in tfjs' own differentiable operations. */
const kl = (z: tf.Tensor, moved: tf.Tensor) =>
  tf.sum(tf.mul(tf.softmax(z as tf.Tensor2D), tf.sub(tf.logSoftmax(z as tf.Tensor2D), tf.logSoftmax(moved as tf.Tensor2D)))) as tf.Scalar;

const open = () => openNet('small', 'net', { input: [16, 16, 1], classes: 4, pixels: { mean: [0.5], deviation: [0.25] }, seed: 2 });
function batchOf(size: number) {
  const x0 = tf.tensor4d(draw(size * 256, 8, 0, 1), [size, 16, 16, 1]);
  const labels = Int32Array.from({ length: size }, (_, i) => i % 4);
  return { x0, labels, samples: Int32Array.from({ length: size }, (_, i) => 7 + i), split: 'train' as const };
}
const moments = async (network: ReturnType<typeof open>) => {
  const copies = tf.tidy(() =>
    writtenLayers(network.layers, 'image').map((l) => l.weights?.moving_mean && tf.clone(l.weights.moving_mean)),
  );
  const values = await Promise.all(copies.flatMap((t) => (t ? [t.data()] : [])));
  tf.dispose(copies.filter((t) => t !== undefined));
  return values.map((v) => [...v]);
};

it('the slopes of KL at both logits are those of automatic differentiation', async () => {
  const [z, moved] = [tf.tensor2d(draw(20, 1, -3, 3), [5, 4]), tf.tensor2d(draw(20, 2, -3, 3), [5, 4])];
  const expected = tf.grads(kl)([z, moved]);
  const found = [klGradClean(z, moved), klGradMoved(z, moved)];
  for (const i of [0, 1]) expect(maxDifference(await found[i].data(), await expected[i].data())).toBeLessThan(2e-6);
  tf.dispose([z, moved, expected, found]);
});

it('the point stays in ball and box, lies apart from the image and does not depend on its batch', async () => {
  const network = open();
  const classifier = network.classifier('inference');
  const [two, one] = [batchOf(2), batchOf(1)];
  const averages = await moments(network);
  const points = [
    tradesPoint(classifier, two, THREAT, 3),
    tradesPoint(classifier, one, THREAT, 3),
    tradesPoint(classifier, two, THREAT, 4),
  ];
  const [pair, alone, later] = (await Promise.all(points.map((t) => t.data()))) as Float32Array[];
  const image = (await two.x0.data()) as Float32Array;
  const size = pair.map((v, i) => Math.abs(v - image[i])).reduce((a, b) => Math.max(a, b));
  expect(size).toBeLessThan(0.1 + 1e-6);
  expect(size).toBeGreaterThan(0.09);
  expect(Math.min(...pair)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...pair)).toBeLessThanOrEqual(1);
  expect(alone).toEqual(pair.slice(0, 256));
  expect(later).not.toEqual(pair);
  expect(await moments(network)).toEqual(averages);
  // The start is x + 0.001·n, where the box does not cut it.
  const start = tradesPoint(classifier, two, { ...THREAT, steps: 0 }, 3);
  const moved = Array.from((await start.data()) as Float32Array, (v, i) => v - image[i]).filter((_, i) => Math.abs(image[i] - 0.5) < 0.49);
  start.dispose();
  const deviation = Math.sqrt(moved.reduce((sum, v) => sum + v * v, 0) / moved.length) / 0.001;
  expect(deviation).toBeGreaterThan(0.9);
  expect(deviation).toBeLessThan(1.1);
  const [near, far] = tf.tidy(() => {
    const clean = classifier.logits(two.x0);
    const start = tf.tidy(() => classifier.logits(tradesPoint(classifier, two, { ...THREAT, steps: 0 }, 3)));
    return [kl(clean, start).arraySync(), kl(clean, classifier.logits(points[0])).arraySync()];
  });
  expect(far).toBeGreaterThan(10 * near);
  tf.dispose([points, two.x0, one.x0]);
  network.dispose();
});

it.each([
  ['trades', trades, 'batch'],
  ['trades-as-published', tradesAsPublished, 'inference'],
] as const)('the gradients of %s are those of CE(x) + 6·KL along a line of weights', async (_, mode, statistics) => {
  const network = open();
  const batch = batchOf(6);
  const labels = tf.tensor1d(Float32Array.from(batch.labels), 'float32');
  const averages = await moments(network);
  const x = tradesPoint(network.classifier('inference'), batch, THREAT, 1);
  const { logits, gradients, penalty } = mode.gradients(network, batch, labels, THREAT, 1);
  const moved = await moments(network);
  if (mode === trades) expect(moved[1]).not.toEqual(averages[1]);
  else expect(moved).toEqual(averages);
  const classifier = network.classifier(statistics);
  const lossAt = () =>
    tf.tidy(() => {
      const [z, other] = [classifier.logits(batch.x0), classifier.logits(x)];
      const clean = tf.neg(tf.sum(tf.mul(tf.logSoftmax(z), tf.oneHot(tf.cast(labels, 'int32'), 4))));
      return tf.div(tf.add(clean, tf.mul(kl(z, other), TRADES_WEIGHT)), 6).arraySync() as number;
    });
  // What is reported is the loss that is minimised; here of the weights before the step, whose statistics are the batch's.
  const clean = tf.tidy(() => {
    const z = classifier.logits(batch.x0);
    return tf.div(tf.neg(tf.sum(tf.mul(tf.logSoftmax(z), tf.oneHot(tf.cast(labels, 'int32'), 4)))), 6).arraySync() as number;
  });
  expect((await (penalty as tf.Scalar).data())[0]).toBeCloseTo(lossAt() - clean, 4);
  // The last kernel: the loss is smooth in it, so float32 differences are good to a few thousandths.
  const [kernel, slope] = [network.parameters[12], gradients[12]];
  const original = kernel.value;
  const at = (h: number) => {
    kernel.value = tf.tidy(() => tf.add(original, tf.mul(slope, h)));
    const value = lossAt();
    kernel.value.dispose();
    return value;
  };
  const length = tf.tidy(() => tf.sum(tf.square(slope)).arraySync() as number);
  const h = 0.02 / Math.sqrt(length);
  expect(Math.abs((at(h) - at(-h)) / (2 * h) / length - 1)).toBeLessThan(0.01);
  kernel.value = original;
  tf.dispose([batch.x0, labels, x, logits, gradients, penalty as tf.Scalar]);
  network.dispose();
});

it('gradients over two batches are the sum of those over each', async () => {
  const network = open();
  const [a, b] = [batchOf(3), batchOf(2)];
  const labels = [a, b].map((batch) => tf.tensor1d(Float32Array.from(batch.labels), 'float32'));
  const both = network.jointGradients([a.x0, b.x0], (z) => z.map((logits, i) => meanCrossEntropyGrad(logits, labels[i])), 'batch');
  const parts = [a, b].map((batch, i) => network.gradients(batch.x0, labels[i], meanCrossEntropyGrad, 'batch'));
  for (const [i, gradient] of both.gradients.entries()) {
    const sum = tf.tidy(() => tf.add(parts[0].gradients[i], parts[1].gradients[i]));
    expect(maxDifference(await gradient.data(), await sum.data())).toBeLessThan(1e-6);
    sum.dispose();
  }
  tf.dispose([a.x0, b.x0, labels, both.logits, both.gradients, parts.flatMap((p) => [p.logits, ...p.gradients])]);
  network.dispose();
});
