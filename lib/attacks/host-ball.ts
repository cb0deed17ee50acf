/**
 * The ball around one batch of images as plain arrays. AutoAttack's attacks decide image by image, so their own arithmetic is
 * done on the host, the same on every backend; only the network's passes run on the device.
 */
import { ceilFloat32, floorFloat32 } from '../float32';

export interface HostBall {
  norm: 'linf' | 'l2';
  epsilon: number;
  /** Clean images, flat. */
  x0: Float32Array;
  /** Numbers in an image. */
  size: number;
  /** Smallest and largest value of every pixel: the box, for L∞ within the ball. */
  low: Float32Array;
  high: Float32Array;
}

export function hostBall(norm: 'linf' | 'l2', epsilon: number, x0: Float32Array, size: number): HostBall {
  const [low, high] = [new Float32Array(x0.length), new Float32Array(x0.length).fill(1)];
  if (norm === 'linf') {
    for (let i = 0; i < x0.length; i++) {
      low[i] = ceilFloat32(Math.max(0, x0[i] - epsilon));
      high[i] = floorFloat32(Math.min(1, x0[i] + epsilon));
    }
  }
  return { norm, epsilon, x0, size, low, high };
}

/** √Σ v², float64. */
export function l2Norm(v: ArrayLike<number>, from = 0, to = v.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += v[i] * v[i];
  return Math.sqrt(sum);
}

/** Size of image n's perturbation in the ball's norm, float64. */
export function distanceFrom({ norm, x0, size }: HostBall, n: number, x: ArrayLike<number>, at: number): number {
  let [largest, sum] = [0, 0];
  for (let i = 0; i < size; i++) {
    const d = Math.abs(x[at + i] - x0[n * size + i]);
    if (d > largest) largest = d;
    sum += d * d;
  }
  return norm === 'linf' ? largest : Math.sqrt(sum);
}

/**
 * Brings a point (float64 scratch, one image) into the ball of image n and into the box, and writes it to `out` at `at`.
 * L2: x₀ + d·min(ε, ‖d‖)/(‖d‖ + 10⁻¹²), then the box, as the published program does.
 */
export function intoBall(
  { norm, epsilon, x0, size, low, high }: HostBall,
  n: number,
  point: Float64Array,
  out: Float32Array,
  at: number,
): void {
  const from = n * size;
  if (norm === 'l2') {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += (point[i] - x0[from + i]) ** 2;
    const length = Math.sqrt(sum);
    const scale = Math.min(epsilon, length) / (length + 1e-12);
    for (let i = 0; i < size; i++) point[i] = x0[from + i] + (point[i] - x0[from + i]) * scale;
  }
  for (let i = 0; i < size; i++) {
    const v = Math.fround(point[i]);
    out[at + i] = v < low[from + i] ? low[from + i] : v > high[from + i] ? high[from + i] : v;
  }
}
