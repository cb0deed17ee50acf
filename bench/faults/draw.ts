/** Random points that a seed repeats. */
import { uniform01 } from '../../lib/random';

/** Among the tags that are free for others (contract: 6 and up). */
const TAG = 901;

/** Uniform in [0, 1), the n-th call always the same for a seed. */
export function drawsOf(seed: number): () => number {
  let sample = 0;
  return () => uniform01({ seed, tag: TAG, sample: sample++, split: 'test' }, 1)[0];
}
