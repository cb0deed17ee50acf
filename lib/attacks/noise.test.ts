import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { standardNormal, TAG } from '../random';
import { maxDifference, onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import { linearNetwork } from '../testing/linear-network';
import { gaussian, sign } from './noise';
import { NORMS } from './norms';

const SIZE = 48;
const SAMPLES = Int32Array.from([4, 9]);
const pixels = draw(2 * SIZE, 1, 0, 1);
const SEED = 20231107;

/** By the contract's §2: what is added to the image before it is clipped to the box. */
const FORMULAS = {
  linf: { gaussian: (n: number[]) => n, sign: (n: number[]) => n.map(Math.sign) },
  l2: {
    gaussian: (n: number[]) => n.map((v) => v / Math.hypot(...n)),
    sign: (n: number[]) => n.map((v) => Math.sign(v) / Math.sqrt(SIZE)),
  },
};

onEachBackend('noise', () => {
  it.each([
    { attack: gaussian, norm: 'linf', epsilon: 0.1 },
    { attack: sign, norm: 'linf', epsilon: 0.1 },
    { attack: gaussian, norm: 'l2', epsilon: 1.5 },
    { attack: sign, norm: 'l2', epsilon: 1.5 },
  ] as const)('$attack.id on $norm is the formula of the contract, clipped to the box', async ({ attack, norm, epsilon }) => {
    const network = linearNetwork([4, 4, 3], [draw(SIZE, 2), draw(SIZE, 3)]);
    const x0 = tf.tensor4d(pixels, [2, 4, 4, 3]);
    const threat = { norm: NORMS[norm], epsilon, alpha: 0.1, steps: 1, seed: SEED };
    const { x, startGradient } = attack.run(network, { x0, labels: Int32Array.from([0, 1]), samples: SAMPLES, split: 'train' }, threat, 0);
    const expected = [...SAMPLES].flatMap((sample, k) => {
      const n = [...standardNormal({ seed: SEED, tag: TAG.noise, sample, split: 'train' }, SIZE)];
      return FORMULAS[norm][attack.id as 'sign'](n).map((v, i) => Math.min(Math.max(pixels[k * SIZE + i] + epsilon * v, 0), 1));
    });
    expect(maxDifference(await x.data(), expected)).toBeLessThan(1e-7); // one float32 addition of numbers below 1
    expect(startGradient).toBeUndefined();
    expect(attack.bounded).toBe(false);
    network.dispose();
    tf.dispose([x0, x]);
  });
});
