import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import units from '../../testing/fixtures/units.json';
import { crossEntropyGrad, marginGrad } from './loss-grad';

const { logits, y, ce, ce_grad: ceGrad, square_margin: squareMargin } = units.losses;

const crossEntropy = (z: number[], label: number) => {
  const top = Math.max(...z);
  return top + Math.log(z.reduce((sum, v) => sum + Math.exp(v - top), 0)) - z[label];
};
/** Largest other logit − true logit. */
const margin = (z: number[], label: number) => Math.max(...z.filter((_, c) => c !== label)) - z[label];

/** Central differences in float64; h keeps both the cancellation (1e-16/h) and the curvature (h²) below 1e-9. */
const differences = (loss: (z: number[], label: number) => number) =>
  logits.flatMap((z, n) =>
    z.map((_, c) => {
      const moved = (h: number) => z.map((v, k) => (k === c ? v + h : v));
      return (loss(moved(1e-5), y[n]) - loss(moved(-1e-5), y[n])) / 2e-5;
    }),
  );

const TIED = 3; // the fixture's sample with two largest other logits

onEachBackend('gradients of the losses', () => {
  const gradient = async (loss: typeof crossEntropyGrad, z: number[][], labels: number[]) => {
    const [a, b] = [tf.tensor2d(z), tf.tensor1d(labels, 'float32')];
    const g = loss(a, b);
    const values = await g.data();
    tf.dispose([a, b, g]);
    return values as Float32Array;
  };

  it('agree with the reference values of cross-entropy', async () => {
    expect(
      maxDifference(
        logits.map((z, n) => crossEntropy(z, y[n])),
        ce,
      ),
    ).toBeLessThan(2e-6);
    // float32: entries up to 1, and exp is good to about 1e-6 on WebGPU.
    expect(maxDifference(await gradient(crossEntropyGrad, logits, y), ceGrad.flat())).toBeLessThan(1e-6);
  });

  it('agree with finite differences of cross-entropy', async () => {
    expect(maxDifference(await gradient(crossEntropyGrad, logits, y), differences(crossEntropy))).toBeLessThan(1e-6);
  });

  it('agree with finite differences of the margin away from ties', async () => {
    expect(
      maxDifference(
        logits.map((z, n) => -margin(z, y[n])), // AutoAttack's has the other sign
        squareMargin,
      ),
    ).toBeLessThan(2e-6);
    const actual = await gradient(marginGrad, logits, y);
    const expected = differences(margin);
    const keep = <T>(_: T, i: number) => Math.floor(i / 10) !== TIED;
    expect(maxDifference(actual.filter(keep), expected.filter(keep))).toBeLessThan(1e-9);
  });

  it('give a tie of the margin to the first class, never to the true one', async () => {
    const z = [
      [2, 5, 5, 5],
      [5, 5, 1, 5],
      [-7, -7, -7, -7],
    ];
    expect([...(await gradient(marginGrad, z, [1, 0, 3]))]).toEqual([0, -1, 1, 0, -1, 1, 0, 0, 1, 0, 0, -1]);
  });

  it('saturate as float32 does when the true class leads by far', async () => {
    const [first, second] = [await gradient(crossEntropyGrad, [[200, 0, 0]], [0]), await gradient(crossEntropyGrad, [[0, 200, 0]], [0])];
    expect([...first]).toEqual([0, 0, 0]);
    expect([...second]).toEqual([-1, 1, 0]);
  });

  it('survive logits near the end of float32', async () => {
    expect([...(await gradient(crossEntropyGrad, [[3e38, -3e38]], [1]))]).toEqual([1, -1]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('are NaN for the sample with a logit of %d, and for no other', async (broken) => {
    const values = await gradient(
      crossEntropyGrad,
      [
        [1, broken, 0],
        [1, 2, 0],
      ],
      [0, 0],
    );
    expect(Array.from(values, Number.isNaN)).toEqual([true, true, true, false, false, false]);
  });
});
