import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { prelu, preluGrad } from './prelu';

onEachBackend('a leaky ReLU with learnt slopes', () => {
  it.each([
    { shape: [3, 7], alpha: [7] },
    { shape: [2, 3, 4, 5], alpha: [5] },
    { shape: [2, 3, 4, 5], alpha: [3, 4, 5] },
    { shape: [2, 3, 4, 5], alpha: [1] },
  ])('agrees with a choice of x and αx for shape $shape, α $alpha', async ({ shape, alpha }) => {
    const count = shape.reduce((a, b) => a * b);
    const repeat = alpha.reduce((a, b) => a * b);
    const [xs, dys, alphas] = [draw(count, 1), draw(count, 2), draw(repeat, 3, -0.5, 1.5)];
    const [x, dy, a] = [tf.tensor(xs, shape), tf.tensor(dys, shape), tf.tensor1d(alphas)];
    const [y, dx] = [prelu(x, a), preluGrad(dy, x, a)];
    const slope = (i: number) => (xs[i] > 0 ? 1 : alphas[i % repeat]);
    // One product in float32.
    expect(
      maxDifference(
        await y.data(),
        xs.map((v, i) => v * slope(i)),
      ),
    ).toBeLessThan(1e-7);
    expect(
      maxDifference(
        await dx.data(),
        dys.map((v, i) => v * slope(i)),
      ),
    ).toBeLessThan(1e-7);
    expect([y.shape, dx.shape]).toEqual([shape, shape]);
    tf.dispose([x, dy, a, y, dx]);
  });

  it('has at zero the slope from the left, and lets NaN pass', async () => {
    const [x, dy, alpha] = [tf.tensor2d([[0, Number.NaN]]), tf.tensor2d([[1, 1]]), tf.tensor1d([0.25, 0.5])];
    const [y, dx] = [prelu(x, alpha), preluGrad(dy, x, alpha)];
    expect([...(await y.data())]).toEqual([0, Number.NaN]);
    expect((await dx.data())[0]).toBe(0.25);
    tf.dispose([x, dy, alpha, y, dx]);
  });
});
