/** Deterministic test data: float32 numbers, uniform in [low, high), the same for the same seed. */
import { uniform01 } from '../random';

export function draw(count: number, seed: number, low = -1, high = 1): Float32Array {
  const stream = { seed, tag: 1000, sample: 0, split: 'test' as const };
  return Float32Array.from(uniform01(stream, count), (u) => low + u * (high - low));
}
