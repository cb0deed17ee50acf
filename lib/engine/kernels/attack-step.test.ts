import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { l2Ascend, l2Projection, linfStep } from './attack-step';
import { sampleNorms } from './sample-norms';

const EPSILON = 0.1;
const ALPHA = 0.02;
const SIZE = 60;
const SHAPE = [3, 4, 5, 3];
const COUNT = 180;

onEachBackend('a step of the attack', () => {
  const run = async (build: () => tf.Tensor) => {
    const out = tf.tidy(build);
    const values = (await out.data()) as Float32Array;
    out.dispose();
    return values;
  };
  /** From δ = 0 in the middle of the box. */
  const signStep = (grad: number[], delta = grad.map(() => 0)) =>
    run(() => linfStep(tf.tensor2d([delta]), tf.tensor2d([grad]), tf.tensor2d([grad.map(() => 0.5)]), ALPHA, EPSILON));
  const unitStep = (grad: number[][]) =>
    run(() => {
      const g = tf.tensor2d(grad);
      return l2Ascend(tf.zerosLike(g), g, sampleNorms(g, 'l2'), 1);
    });

  it('moves by α along the sign of the gradient, and not at all where it is 0', async () => {
    const a = Math.fround(ALPHA);
    expect([...(await signStep([1, -1, 0, 7, -0.001]))]).toEqual([a, -a, 0, a, -a]);
  });

  it.each([1e-6, 1e-8, 1e-30])('moves for gradients as small as %d, where tf.sign says 0 on wasm', async (g) => {
    const a = Math.fround(ALPHA);
    expect([...(await signStep([g, -g]))]).toEqual([a, -a]);
    expect(maxDifference(await unitStep([[3 * g, -4 * g]]), [0.6, -0.8])).toBeLessThan(1e-6);
  });

  it('turns a NaN gradient into NaN, not into a bound', async () => {
    expect(Array.from(await signStep([Number.NaN, 1]), Number.isNaN)).toEqual([true, false]);
    const moved = await run(() => {
      const g = tf.tensor2d([
        [Number.NaN, 1],
        [3, 4],
      ]);
      const delta = l2Ascend(tf.zerosLike(g), g, sampleNorms(g, 'l2'), 1);
      return l2Projection(delta, sampleNorms(delta, 'l2'), tf.fill([2, 2], 0.5), 0.25);
    });
    expect(Array.from(moved, Number.isNaN)).toEqual([true, true, false, false]);
  });

  it('keeps a NaN perturbation NaN, though the gradient that follows is a number', async () => {
    expect(Array.from(await signStep([1, -1, 0, 1], [Number.NaN, Number.NaN, Number.NaN, 0]), Number.isNaN)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('does not move a sample whose gradient is zero, and moves its neighbours', async () => {
    expect(
      maxDifference(
        await unitStep([
          [0, 0],
          [0, 2],
        ]),
        [0, 0, 0, 1],
      ),
    ).toBeLessThan(1e-7);
  });

  it('agrees with the L∞ step composed of float32 operations', async () => {
    const [delta, grad, x0] = [draw(COUNT, 1, -EPSILON, EPSILON), draw(COUNT, 2), draw(COUNT, 3, 0, 1)];
    for (const alpha of [ALPHA, -ALPHA]) {
      const actual = await run(() =>
        linfStep(tf.tensor4d(delta, SHAPE as never), tf.tensor4d(grad, SHAPE as never), tf.tensor4d(x0, SHAPE as never), alpha, EPSILON),
      );
      const expected = await run(() => {
        const g = tf.tensor1d(grad);
        const sign = tf.sub(tf.step(g), tf.step(tf.neg(g)));
        const inBall = tf.clipByValue(tf.add(tf.tensor1d(delta), tf.mul(alpha, sign)), -EPSILON, EPSILON);
        const x = tf.tensor1d(x0);
        return tf.minimum(tf.maximum(inBall, tf.neg(x)), tf.sub(1, x));
      });
      expect(maxDifference(actual, expected)).toBeLessThan(1e-7); // one unit in the last place of a pixel
    }
  });

  it('stays in the L∞ ball and in the box, at its corners too', async () => {
    const x0 = draw(COUNT, 4, 0, 1).map((v, i) => (i % 3 === 0 ? 0 : i % 3 === 1 ? 1 : v));
    const delta = draw(COUNT, 5, -EPSILON, EPSILON);
    const grad = draw(COUNT, 6);
    const values = await run(() => linfStep(tf.tensor1d(delta), tf.tensor1d(grad), tf.tensor1d(x0), 1, EPSILON));
    values.forEach((d, i) => {
      expect(Math.abs(d)).toBeLessThanOrEqual(Math.fround(EPSILON));
      expect(Math.fround(x0[i] + d)).toBeGreaterThanOrEqual(0);
      expect(Math.fround(x0[i] + d)).toBeLessThanOrEqual(1);
    });
    expect(values.some((d) => Math.abs(d) === Math.fround(EPSILON))).toBe(true);
  });

  it('rescales into the L2 ball only what lies outside, then clips to the box', async () => {
    const epsilon = 1.5;
    const inside = draw(SIZE, 7, -0.1, 0.1);
    const outside = draw(SIZE, 8, -0.5, 0.5);
    const far = draw(SIZE, 9, -1e6, 1e6);
    const rows = [inside, outside, far];
    const x0 = draw(COUNT, 10, 0.4, 0.6);
    const values = await run(() => {
      const delta = tf.tensor2d(Float32Array.from(rows.flatMap((r) => [...r])), [3, SIZE]);
      return l2Projection(delta, sampleNorms(delta, 'l2'), tf.tensor2d(x0, [3, SIZE]), epsilon);
    });
    const norms = rows.map((r) => Math.hypot(...r));
    expect(norms[0]).toBeLessThan(epsilon);
    expect(norms[1]).toBeGreaterThan(epsilon);
    const expected = rows.flatMap((row, n) =>
      Array.from(row, (d, i) => {
        const scaled = d * Math.min(1, epsilon / norms[n]);
        const x = x0[n * SIZE + i];
        return Math.min(Math.max(scaled, -x), 1 - x);
      }),
    );
    expect(maxDifference(values, expected)).toBeLessThan(3e-7); // a few float32 roundings of numbers below 1
    for (let n = 0; n < 3; n++) expect(Math.hypot(...values.subarray(n * SIZE, (n + 1) * SIZE))).toBeLessThan(epsilon * (1 + 1e-6));
  });
});
