import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { batchNormGrad, batchNormSums, channelMoments } from './batch-norm';

onEachBackend('the passes of batch normalisation', () => {
  it('keep mean and variance of long columns far from zero to float32’s own digits', async () => {
    const [rows, channels] = [50_000, 3];
    const values = draw(rows * channels, 1).map((v, i) => 10 * (i % channels) + v);
    const x = tf.tensor(values, [5, 100, 100, channels]);
    const expected = [0, 1, 2].map((c) => {
      const column = values.filter((_, i) => i % channels === c);
      const mean = column.reduce((a, b) => a + b, 0) / rows;
      return { mean, variance: column.reduce((a, b) => a + (b - mean) ** 2, 0) / rows };
    });
    const moments = channelMoments(x);
    const actual = await moments.data();
    expected.forEach(({ mean, variance }, c) => {
      expect(Math.abs(actual[c] - mean)).toBeLessThan(2e-5); // 2⁻²⁴ of sums up to 10⁶, over 50 000
      expect(Math.abs(actual[3 + c] / variance - 1)).toBeLessThan(1e-5);
    });
    tf.dispose([x, moments]);
  });

  it('sum gradients and their products only where the ReLU let through, and blend as they are told', async () => {
    const dy = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const y = tf.tensor2d([1, 0, 0, 2, 3, 1], [3, 2]);
    const x = tf.tensor2d([5, 6, 7, 8, 9, 10], [3, 2]);
    const mean = tf.tensor1d([7, 8]);
    const sums = [true, false].map((relu) => batchNormSums(dy, y, x, mean, relu));
    // g = [1 5; 4 6] behind the ReLU: Σ g, Σ g·(x − mean).
    expect([...(await sums[0].data())]).toEqual([6, 10, -2 + 10, 0 + 12]);
    expect([...(await sums[1].data())]).toEqual([9, 12, -2 + 0 + 10, -4 + 0 + 12]);
    const factors = tf.tensor2d([2, 3, 10, 100, 0.5, 0.25, 7, 8], [4, 2]);
    const dx = batchNormGrad(dy, y, x, factors, true);
    expect([...(await dx.data())]).toEqual([2 - 20 + 0.5, 0 - 200 + 0.25, 0 + 0 + 0.5, 12 + 0 + 0.25, 10 + 20 + 0.5, 18 + 200 + 0.25]);
    tf.dispose([dy, y, x, mean, factors, dx, ...sums]);
  });

  it('let NaN through, so that a broken network is seen', async () => {
    const x = tf.tensor2d([Number.NaN, 1, 2, 3], [2, 2]);
    const moments = channelMoments(x);
    const values = await moments.data();
    expect([Number.isNaN(values[0]), values[1], Number.isNaN(values[2]), values[3]]).toEqual([true, 2, true, 1]);
    tf.dispose([x, moments]);
  });
});
