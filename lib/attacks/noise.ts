/**
 * Noise of the attack's size, without a gradient: the paper's baseline that shows it is the attack, not the size, that
 * destroys the simplex. n standard normal. L∞: x + ε·n and x + ε·sign n; L2: x + ε·n/‖n‖₂ and x + ε·sign n/√d.
 */
import * as tf from '@tensorflow/tfjs-core';
import { standardNormal, TAG } from '../random';
import type { Attack } from './attack';
import { ATTACK_INFO, type AttackInfo } from './catalogue';

function noise(info: AttackInfo, direction: (n: Float64Array, l2: boolean) => Float64Array): Attack {
  return {
    ...info,
    run(_, { x0, samples, split }, { seed, epsilon, norm }) {
      const size = x0.size / x0.shape[0];
      const all = new Float32Array(x0.size);
      samples.forEach((sample, k) => {
        const n = standardNormal({ seed, tag: TAG.noise, sample, split }, size);
        all.set(
          direction(n, norm.id === 'l2').map((v) => v * epsilon),
          k * size,
        );
      });
      return { x: tf.tidy(() => tf.clipByValue(tf.add(x0, tf.tensor4d(all, x0.shape)), 0, 1) as tf.Tensor4D) };
    },
  };
}

export const gaussian = noise(ATTACK_INFO.gaussian, (n, l2) => {
  if (!l2) return n;
  const norm = Math.sqrt(n.reduce((sum, v) => sum + v * v, 0));
  return n.map((v) => v / norm);
});

export const sign = noise(ATTACK_INFO.sign, (n, l2) => n.map((v) => Math.sign(v) / (l2 ? Math.sqrt(n.length) : 1)));
