/**
 * The harness' own clip: whatever an attack returns is brought into the ball and the image box, in real arithmetic on
 * float32 pixels, before it is measured. Plain arrays and float64, so it is the same on every backend.
 */
import { ceilFloat32, floorFloat32 } from '../float32';
import type { NormId } from './boards';

export interface Size {
  linf: number;
  l2: number;
}

/** Norms of x − x₀ for one sample, float64. NaN if a pixel is not a number. */
export function distance(x: Float32Array, x0: Float32Array): Size {
  let max = 0;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const d = Math.abs(x[i] - x0[i]);
    if (d > max || Number.isNaN(d)) max = d;
    sum += d * d;
  }
  return { linf: max, l2: Math.sqrt(sum) };
}

/** Clips one sample in place into [0, 1] and, if a norm is given, into the ball of radius ε around x₀. NaN stays NaN. */
export function clipToBall(x: Float32Array, x0: Float32Array, norm: NormId | null, epsilon: number): void {
  if (norm === 'l2') {
    for (let attempt = 0; attempt < 24; attempt++) {
      const { l2 } = distance(x, x0);
      if (!(l2 > epsilon)) break;
      // Rounding to float32 moves the norm by about 1e-8 of itself (more in a tiny ball); aim a little inside, look again,
      // and in the end take the image itself.
      const scale = (epsilon / l2) * Math.max(0, 1 - 2e-7 * 2 ** attempt);
      for (let i = 0; i < x.length; i++) x[i] = x0[i] + (x[i] - x0[i]) * scale;
    }
  }
  for (let i = 0; i < x.length; i++) {
    const low = norm === 'linf' ? ceilFloat32(Math.max(0, x0[i] - epsilon)) : 0;
    const high = norm === 'linf' ? floorFloat32(Math.min(1, x0[i] + epsilon)) : 1;
    if (x[i] < low) x[i] = low;
    else if (x[i] > high) x[i] = high;
  }
}
