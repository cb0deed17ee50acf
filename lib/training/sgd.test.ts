import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../testing/backends';
import { heNormal } from './initial-weights';
import { SCHEDULES } from './schedule';
import { Sgd } from './sgd';
import { epochOrder } from './shuffle';

onEachBackend('gradient descent', () => {
  it('follows v ← μv + g + λw, w ← w − ηv over three steps by hand', async () => {
    const parameter = { name: 'w', value: tf.keep(tf.tensor1d([1, -2])) as tf.Tensor };
    const sgd = new Sgd([parameter], { momentum: 0.5, weightDecay: 0.1 });
    const gradient = tf.tensor1d([1, 0]);
    let [w, v] = [
      [1, -2],
      [0, 0],
    ];
    for (const rate of [0.5, 0.25, 1]) {
      sgd.step([gradient], rate);
      v = v.map((old, i) => 0.5 * old + [1, 0][i] + 0.1 * w[i]);
      w = w.map((old, i) => old - rate * v[i]);
      expect(maxDifference(await parameter.value.data(), w)).toBeLessThan(1e-6);
    }
    sgd.dispose();
    tf.dispose([parameter.value, gradient]);
  });
});

it('the cosine schedule falls from 1 to 0, half-way at the middle', () => {
  expect([0, 0.5, 1].map(SCHEDULES.cosine)).toEqual([1, expect.closeTo(0.5, 12), expect.closeTo(0, 12)]);
});

it('the paper’s schedule falls to a tenth at 25 % and to a hundredth at 37.5 %', () => {
  expect([0, 0.2499, 0.25, 0.3749, 0.375, 1].map(SCHEDULES.steps)).toEqual([1, 1, 0.1, 0.1, 0.01, 0.01]);
});

it('an epoch goes through every image once, in an order of its own', () => {
  const orders = [epochOrder(1, 0, 1000), epochOrder(1, 1, 1000), epochOrder(2, 0, 1000)];
  for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(orders[1]).not.toEqual(orders[0]);
  expect(orders[2]).not.toEqual(orders[0]);
  expect(epochOrder(1, 0, 1000)).toEqual(orders[0]);
  // A uniform order leaves one image in its place on average.
  expect(orders[0].filter((v, i) => v === i).length).toBeLessThan(8);
});

it('initial weights have variance 2 / fan-in and mean 0', () => {
  const values = heNormal(1, 0, 40_000, 50);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((a, b) => a + b * b, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.004); // four standard errors
  expect(Math.abs(variance / 0.04 - 1)).toBeLessThan(0.03);
  expect(heNormal(1, 1, 8, 50)).not.toEqual(heNormal(1, 0, 8, 50));
});
