import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { gateGrad } from './gate-grad';

onEachBackend('the gradient of a gate', (backend) => {
  it.each([{ gate: [1, 1, 5] }, { gate: [3, 4, 1] }, { gate: [1, 1, 1] }, { gate: [3, 1, 5] }, { gate: [1, 4, 1] }, { gate: [3, 4, 5] }])(
    'is dy·x summed over what is repeated, for a gate $gate',
    async ({ gate }) => {
      const shape = [2, 3, 4, 5];
      const [dy, x] = [tf.tensor(draw(120, 1), shape), tf.tensor(draw(120, 2), shape)];
      const repeated = [1, 2, 3].filter((axis) => gate[axis - 1] === 1);
      const dg = gateGrad(dy, x, gate); // before its twin, whose freed memory would hold the right numbers
      const expected = tf.tidy(() => (repeated.length ? tf.sum(tf.mul(dy, x), repeated, true) : tf.mul(dy, x)));
      expect(dg.shape).toEqual([2, ...gate]);
      expect(maxDifference(await dg.data(), await expected.data())).toBeLessThan(2e-6); // up to 60 terms in float32
      tf.dispose([dy, x, expected, dg]);
    },
  );

  it('loses nothing where large numbers cancel', async () => {
    const values = Float32Array.from({ length: 4097 }, (_, i) => (i === 4096 ? 1 : i % 2 ? -3e7 : 3e7));
    const [dy, x] = [tf.tensor4d(values, [1, 4097, 1, 1]), tf.ones([1, 4097, 1, 1])];
    const dg = gateGrad(dy, x, [1, 1, 1]);
    expect((await dg.data())[0]).toBe(1);
    tf.dispose([dy, x, dg]);
  });

  it('of an image does not depend on its neighbours in the batch', async () => {
    const one = 6 * 7 * 3;
    const [dys, xs] = [draw(3 * one, 1), draw(3 * one, 2)];
    const run = async (first: number, count: number) => {
      const part = (values: Float32Array) => tf.tensor4d(values.subarray(first * one, (first + count) * one), [count, 6, 7, 3]);
      const [dy, x] = [part(dys), part(xs)];
      const dg = gateGrad(dy, x, [1, 1, 3]);
      const numbers = [...(await dg.data())];
      tf.dispose([dy, x, dg]);
      return numbers;
    };
    expect([...(await run(0, 1)), ...(await run(1, 2))], backend).toEqual(await run(0, 3));
  });
});
