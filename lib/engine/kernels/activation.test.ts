import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { type ActivationName, activate, activationGrad, FORMULAS, slopeFromOutput } from './activation';

const NAMES = Object.keys(FORMULAS) as ActivationName[];
const ALPHA = 0.3;
const BETA = 1.7;
/** Where the slope jumps. */
const KINKS = [0, 6, -2.5, 2.5, -3, 3, ALPHA, BETA];
const POINTS = Float32Array.from([
  ...draw(400, 1, -8, 8),
  ...draw(40, 2, -1e-3, 1e-3),
  ...draw(40, 3, -90, 90),
  ...[-1e4, -100, -21, 21, 100, 1e4],
]).filter((x) => KINKS.every((kink) => Math.abs(x - kink) > 1e-5));

type Formula = (x: number, alpha: number, beta: number) => number;
const value = (name: ActivationName) => (x: number) => (FORMULAS[name].value as Formula)(x, ALPHA, BETA);
const slope = (name: ActivationName) => (x: number) => (FORMULAS[name].slope as Formula)(x, ALPHA, BETA);

/** Half a unit in the last place of float32, times a few; WGSL lets exp and tanh be less exact than a float64 library. */
const tolerance = (backend: string, x: number) => (backend === 'webgpu' ? 3e-6 : 2e-7) * Math.max(1, Math.abs(x));
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, backend: string): void {
  maxDifference(actual, expected); // equally long, and numbers
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(actual[i] - expected[i]);
    expect(off, `at x = ${POINTS[i]}: ${actual[i]} instead of ${expected[i]}`).toBeLessThanOrEqual(tolerance(backend, expected[i]));
  }
}

describe('the formulas in float64', () => {
  it.each(NAMES)('have as slope of %s the central difference of its value', (name) => {
    for (const x of POINTS) {
      const h = 1e-6 * Math.max(1, Math.abs(x));
      const difference = (value(name)(x + h) - value(name)(x - h)) / (2 * h);
      // Cancellation of values of size |x| in float64: 1e-16·|x|/h, about 1e-10; the third derivative adds h².
      expect(Math.abs(slope(name)(x) - difference), `at x = ${x}`).toBeLessThan(2e-9);
    }
  });

  it.each([
    ['relu', -1, 0],
    ['relu', 2, 2],
    ['relu6', 7, 6],
    ['leakyRelu', -2, -0.6],
    ['elu', -1, -0.18963616764856731],
    ['selu', 1, 1.0507009873554805],
    ['selu', -1, -1.1113307378125625],
    ['sigmoid', 1, 0.7310585786300049],
    ['hardSigmoid', 1, 0.7],
    ['hardSigmoid', -3, 0],
    ['clip', -1, ALPHA],
    ['clip', 1, 1],
    ['clip', 2, BETA],
    ['erf', 0.5, 0.5204998778130465],
    ['erf', -3, -0.9999779095030014],
    ['tanh', 0.5, 0.46211715726000974],
    ['softplus', 0, Math.LN2],
    ['softplus', -40, 4.248354255291589e-18],
    ['softsign', -3, -0.75],
    ['swish', 1, 0.7310585786300049],
    ['hardSwish', 1, 2 / 3],
    ['hardSwish', -4, 0],
    ['hardSwish', 5, 5],
    ['gelu', 1, 0.8413447460685429],
    ['gelu', -3, -0.0040496940948902835],
    ['gelu', 4, 3.9998733150326675],
    ['geluTanh', 1, 0.8411919906082768],
  ] as [ActivationName, number, number][])('give %s(%d) = %d', (name, x, expected) => {
    expect(value(name)(x)).toBeCloseTo(expected, 14);
  });

  it.each(NAMES)('take the slope of %s from the left at 0 if it jumps there', (name) => {
    const [left, right] = [slope(name)(-1e-9), slope(name)(1e-9)];
    if (Math.abs(left - right) > 1e-6) expect(slope(name)(0)).toBeCloseTo(left, 8);
    else expect(slope(name)(0)).toBeCloseTo(right, 8);
  });
});

describe('a clip', () => {
  const grad = (x: number) => slope('clip')(x);
  it('passes gradients on at both ends, and nothing beyond', () => {
    expect([ALPHA - 1e-9, ALPHA, BETA, BETA + 1e-9].map(grad)).toEqual([0, 1, 1, 0]);
  });
});

/** tfjs' own operations for those activations that it has. */
const TFJS: Partial<Record<ActivationName, (x: tf.Tensor) => tf.Tensor>> = {
  relu: tf.relu,
  relu6: tf.relu6,
  leakyRelu: (x) => tf.leakyRelu(x, ALPHA),
  elu: (x) => tf.where(tf.greater(x, 0), x, tf.mul(ALPHA, tf.expm1(tf.minimum(x, 0)))),
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  clip: (x) => tf.clipByValue(x, ALPHA, BETA),
  softplus: tf.softplus,
  softsign: (x) => tf.div(x, tf.add(1, tf.abs(x))),
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  hardSwish: (x) => tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6),
};

onEachBackend('activations', (backend) => {
  const expectValues = async (name: ActivationName, expected: ArrayLike<number>) => {
    const x = tf.tensor1d(POINTS);
    const y = activate(x, { name, alpha: ALPHA, beta: BETA });
    expectClose(await y.data(), expected, backend);
    tf.dispose([x, y]);
  };

  it.each(NAMES)('compute %s as its float64 formula says', async (name) => {
    await expectValues(
      name,
      Array.from(POINTS, (x) => value(name)(x)),
    );
  });

  it.each(Object.keys(TFJS) as ActivationName[])("agree with tfjs' own operation on %s", async (name) => {
    const twin = tf.tidy(() => (TFJS[name] as (x: tf.Tensor) => tf.Tensor)(tf.tensor1d(POINTS)));
    await expectValues(name, await twin.data());
    twin.dispose();
  });

  it.each(NAMES)('multiply an incoming gradient by the slope of %s', async (name) => {
    const incoming = draw(POINTS.length, 4);
    const [x, dy] = [tf.tensor1d(POINTS), tf.tensor1d(incoming)];
    const dx = activationGrad(dy, x, { name, alpha: ALPHA, beta: BETA });
    expectClose(
      await dx.data(),
      Array.from(POINTS, (p, i) => incoming[i] * slope(name)(p)),
      backend,
    );
    tf.dispose([x, dy, dx]);
  });

  it.each(NAMES)('let NaN through %s, so that a broken network is seen', async (name) => {
    const x = tf.tensor1d([Number.NaN, 1]);
    const y = activate(x, { name, alpha: ALPHA, beta: BETA });
    expect(Array.from(await y.data(), Number.isNaN)).toEqual([true, false]);
    tf.dispose([x, y]);
  });

  it.each(NAMES.filter((name) => slopeFromOutput({ name })))('may read the slope of %s off its output', async (name) => {
    const x = tf.tensor1d([-3, -0, 0, 1e-20, 0.5, 5.9, 6, 7]);
    const ones = tf.onesLike(x);
    const y = activate(x, { name });
    const [fromInput, fromOutput] = [activationGrad(ones, x, { name }), activationGrad(ones, y, { name })];
    expect(await fromOutput.data()).toEqual(await fromInput.data());
    tf.dispose([x, ones, y, fromInput, fromOutput]);
  });
});
