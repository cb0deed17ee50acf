import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { standardNormal, TAG, uniform01 } from '../random';
import { maxDifference, onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import { l2, linf, NORMS } from './norms';

const STREAM = { seed: 20231107, split: 'test', restart: 0, targeted: false } as const;
const SIZE = 75;

describe('a start in the L∞ ball', () => {
  it('is (2u − 1)·ε of the published stream, rounded once', () => {
    for (const [targeted, tag] of [
      [false, TAG.pgdStart],
      [true, TAG.targetedStart],
    ] as const) {
      const u = uniform01({ seed: 20231107, tag, sample: 7, split: 'test' }, SIZE);
      expect(linf.start({ ...STREAM, targeted }, 7, SIZE, 0.1)).toEqual(Float32Array.from(u, (v) => (2 * v - 1) * 0.1));
    }
  });
});

describe('a start in the L2 ball', () => {
  it('is a Gaussian direction times a uniform radius, the same for targeted attacks', () => {
    const n = standardNormal({ seed: 20231107, tag: TAG.l2Direction, sample: 7, split: 'test' }, SIZE);
    const [r] = uniform01({ seed: 20231107, tag: TAG.l2Radius, sample: 7, split: 'test' }, 1);
    const start = l2.start(STREAM, 7, SIZE, 1.5);
    expect(
      maxDifference(
        start,
        n.map((v) => (v / Math.hypot(...n)) * r * 1.5),
      ),
    ).toBeLessThan(1e-7); // one rounding to float32
    expect(Math.hypot(...start)).toBeCloseTo(r * 1.5, 6);
    expect(l2.start({ ...STREAM, targeted: true }, 7, SIZE, 1.5)).toEqual(start);
  });
});

describe.each(Object.values(NORMS))('a start in the ball of $id', (norm) => {
  it('lies in the ball', () => {
    for (let sample = 0; sample < 50; sample++) {
      const start = norm.start(STREAM, sample, SIZE, 0.5);
      const size = norm.id === 'l2' ? Math.hypot(...start) : start.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      expect(size).toBeGreaterThan(0);
      expect(size).toBeLessThanOrEqual(0.5 * (1 + 1e-6));
    }
  });

  it('differs between restarts, samples, splits and seeds', () => {
    const starts = [
      norm.start(STREAM, 0, SIZE, 1),
      norm.start({ ...STREAM, restart: 1 }, 0, SIZE, 1),
      norm.start(STREAM, 1, SIZE, 1),
      norm.start({ ...STREAM, split: 'train' }, 0, SIZE, 1),
      norm.start({ ...STREAM, seed: 1 }, 0, SIZE, 1),
    ];
    expect(new Set(starts.map((s) => s.join())).size).toBe(starts.length);
  });
});

onEachBackend('a step in the norm', () => {
  const SHAPE: [number, number, number, number] = [3, 5, 5, 3];
  const [delta, grad, x0] = [draw(225, 1, -0.3, 0.3), draw(225, 2), draw(225, 3, 0, 1)];
  const step = async (norm: typeof linf, gradient: Float32Array, alpha: number, epsilon: number) => {
    const out = tf.tidy(() => norm.step(tf.tensor4d(delta, SHAPE), tf.tensor4d(gradient, SHAPE), tf.tensor4d(x0, SHAPE), alpha, epsilon));
    const values = (await out.data()) as Float32Array;
    out.dispose();
    return values;
  };
  const clip = (v: number, i: number) => Math.min(Math.max(v, -x0[i]), 1 - x0[i]);

  it('L∞ moves by α along the sign, is brought into the ball, then into the box', async () => {
    const expected = Array.from(delta, (d, i) => clip(Math.min(Math.max(d + 0.05 * Math.sign(grad[i]), -0.2), 0.2), i));
    expect(maxDifference(await step(linf, grad, 0.05, 0.2), expected)).toBeLessThan(1e-7);
  });

  it.each([1, 1e-20, 1e20])('L2 moves by α along the unit gradient of each sample, of size %d', async (size) => {
    const scaled = grad.map((g, i) => g * size * 10 ** Math.floor(i / SIZE)); // samples of different size
    const expected: number[] = [];
    for (let n = 0; n < 3; n++) {
      const part = (a: Float32Array) => Array.from(a.subarray(n * SIZE, (n + 1) * SIZE));
      const norm = Math.hypot(...part(scaled));
      const moved = part(delta).map((d, i) => d + (0.25 * scaled[n * SIZE + i]) / norm);
      const shrink = Math.min(1, 1.2 / Math.hypot(...moved));
      expected.push(...moved.map((d, i) => clip(d * shrink, n * SIZE + i)));
    }
    // Three float32 roundings of numbers below 1.
    expect(maxDifference(await step(l2, scaled, 0.25, 1.2), expected)).toBeLessThan(3e-7);
  });
});
