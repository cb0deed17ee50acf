import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { channelAffine, channelAffineGrad } from './channel-affine';

onEachBackend('scale and shift per channel', () => {
  it.each([
    { shape: [2, 3, 4, 5], relu: false },
    { shape: [2, 3, 4, 5], relu: true },
    { shape: [3, 7], relu: false },
    { shape: [3, 7], relu: true },
  ])('agrees with multiply, add and ReLU for shape $shape, relu $relu', async ({ shape, relu }) => {
    const count = shape.reduce((a, b) => a * b);
    const channels = shape[shape.length - 1];
    const x = tf.tensor(draw(count, 1), shape);
    const dy = tf.tensor(draw(count, 2), shape);
    const scale = tf.tensor1d(draw(channels, 3, -2, 2));
    const shift = tf.tensor1d(draw(channels, 4));
    const plain = tf.tidy(() => tf.add(tf.mul(x, scale), shift));
    const expected = tf.tidy(() => (relu ? tf.relu(plain) : tf.clone(plain)));
    const expectedGrad = tf.tidy(() => {
      const through = tf.mul(dy, scale);
      return relu ? tf.mul(through, tf.cast(tf.greater(plain, 0), 'float32')) : through;
    });
    const y = channelAffine(x, scale, shift, relu);
    const dx = channelAffineGrad(dy, y, scale, relu);
    // One rounding where the twin has two, on numbers up to 3.
    expect(maxDifference(await y.data(), await expected.data())).toBeLessThan(5e-7);
    expect(maxDifference(await dx.data(), await expectedGrad.data())).toBeLessThan(5e-7);
    tf.dispose([x, dy, scale, shift, plain, expected, expectedGrad, y, dx]);
  });

  it('lets NaN pass, so that a broken network is seen', async () => {
    const x = tf.tensor2d([Number.NaN, 1, -1, Number.NaN], [2, 2]);
    const [scale, shift] = [tf.tensor1d([2, 2]), tf.tensor1d([0, 0])];
    const outputs = [false, true].map((relu) => channelAffine(x, scale, shift, relu));
    expect([...(await outputs[0].data())]).toEqual([Number.NaN, 2, -2, Number.NaN]);
    expect([...(await outputs[1].data())]).toEqual([Number.NaN, 2, 0, Number.NaN]);
    tf.dispose([x, scale, shift, outputs]);
  });

  it('stops the gradient where the ReLU is at zero or below', async () => {
    const y = tf.tensor2d([[0, 3, 0, 1e-30]]);
    const dy = tf.tensor2d([[1, 1, 1, 1]]);
    const scale = tf.tensor1d([5, 6, 7, 8]);
    const dx = channelAffineGrad(dy, y, scale, true);
    expect([...(await dx.data())]).toEqual([0, 6, 0, 8]);
    tf.dispose([y, dy, scale, dx]);
  });
});
