/** Initial weights by Philox: the same for a seed, whatever else is drawn. */
import { standardNormal, TAG } from '../random';

/** He et al., arXiv 1502.01852: normal numbers of variance 2 / fan-in. `index` numbers the network's kernels. */
export function heNormal(seed: number, index: number, count: number, fanIn: number): Float32Array {
  const deviation = Math.sqrt(2 / fanIn);
  const stream = { seed, tag: TAG.initialWeights, sample: index, split: 'train' as const };
  return Float32Array.from(standardNormal(stream, count), (v) => v * deviation);
}
