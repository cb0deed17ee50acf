/** Where APGD begins: on the surface of the ball, clipped to the box. */
import { standardNormal, uniform01 } from '../random';
import { l2Norm } from './host-ball';
import type { StandingBatch } from './standing';

/**
 * t uniform in [−1, 1)^d for L∞, standard normal for L2; x₀ + ε·t/‖t‖ in the ball's norm, clipped to [0, 1]. `restart`: word 3 of
 * the counter.
 */
export function apgdStart({ ball, samples, split, seed }: StandingBatch, tag: number, restart = 0): Float32Array {
  const { norm, epsilon, x0, size } = ball;
  const out = new Float32Array(x0.length);
  samples.forEach((sample, n) => {
    const stream = { seed, tag, sample, split, restart };
    const t = norm === 'l2' ? standardNormal(stream, size) : uniform01(stream, size).map((u) => 2 * u - 1);
    const length = norm === 'l2' ? l2Norm(t) : t.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    for (let i = 0; i < size; i++) {
      const v = x0[n * size + i] + epsilon * (t[i] / (length + 1e-12));
      out[n * size + i] = v < 0 ? 0 : v > 1 ? 1 : v;
    }
  });
  return out;
}
