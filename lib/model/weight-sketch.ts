/**
 * A fingerprint of a network's weights, of one size for all: the cosine of two fingerprints estimates that of the weights, so
 * that a site finds copies that were rounded, quantised or trained on a little without keeping every model in memory.
 *
 * The weights are w = (√(n₁/n)·k₁/‖k₁‖, …, √(n_T/n)·k_T/‖k_T‖): the T kernels of convolutions and Dense layers in the graph's
 * order, k_t of n_t numbers, n = Σ n_t. So ‖w‖ = 1, ⟨w, w′⟩ is the mean of the kernels' cosines, each weighted by its size, and
 * a layer that is scaled up, with the next one down, changes nothing. A normalisation after a kernel is part of it, as the graph
 * has it; biases stay out, since they start at zero in every network. Names, shards and the file's format do not matter; units
 * in another order do.
 *
 * The fingerprint is the count sketch s_b = Σ_{i: h(i) = b} σ(i)·w_i (Charikar, Chen & Farach-Colton 2002; for cosines
 * Weinberger et al., arXiv 0902.2206), bucket h and sign σ by Philox. It is linear and E‖s‖² = ‖w‖², with a relative standard
 * deviation below √(2/1024) = 4.4 %. So is that of ‖s − s′‖²: 1 − cosine is known to that share of itself, however small.
 */
import { bits, TAG } from '../random';
import type { Constant, ModelGraph } from './graph';

/** Buckets; a power of two, see `bucketOf`. */
export const SKETCH_SIZE = 1024;
/** Numbers that one stream of draws is for. */
const BLOCK = 1 << 16;

const bucketOf = (word: number) => word >>> 22;
const signOf = (word: number) => 1 - 2 * (word & 1);

function kernels({ nodes }: ModelGraph): { kind: string; kernel: Constant }[] {
  return nodes.flatMap(({ op }) => ('kernel' in op ? [{ kind: op.kind, kernel: op.kernel }] : []));
}

/** Kinds and shapes of the kernels, one a line: only fingerprints of equal ones can be compared. */
export const kernelShapes = (graph: ModelGraph): string =>
  kernels(graph)
    .map(({ kind, kernel }) => `${kind} ${kernel.shape.join('×')}\n`)
    .join('');

/** [SKETCH_SIZE]; zeros where there is no kernel, or none but zeros. */
export function weightSketch(graph: ModelGraph): Float32Array {
  const all = kernels(graph);
  const count = all.reduce((n, { kernel }) => n + kernel.values.length, 0);
  const sketch = new Float64Array(SKETCH_SIZE);
  let words = new Uint32Array();
  let at = 0;
  for (const { kernel } of all) {
    const { values } = kernel;
    let squares = 0;
    for (const v of values) squares += v * v;
    const scale = squares > 0 ? Math.sqrt(values.length / count / squares) : 0;
    for (let i = 0; i < values.length; i++, at++) {
      const within = at % BLOCK;
      if (within === 0) {
        const stream = { seed: 0, tag: TAG.weightSketch, sample: at / BLOCK, split: 'train' } as const;
        words = bits(stream, Math.min(BLOCK, count - at)) as Uint32Array<ArrayBuffer>;
      }
      sketch[bucketOf(words[within])] += signOf(words[within]) * scale * values[i];
    }
  }
  return Float32Array.from(sketch);
}

/** Of two fingerprints of networks with equal {@link kernelShapes}, −1 … 1 but for rounding; null where one is all zeros. */
export function sketchCosine(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < SKETCH_SIZE; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa > 0 && bb > 0 ? dot / Math.sqrt(aa * bb) : null;
}
