/**
 * The weights as a graph, beside arXiv 2107.06158 on structure in sparse networks. Each convolution and Dense layer is a bipartite graph of its
 * inputs (channels, units) and its outputs; connection (i, o) has the strength s_io = √(Σ over the window of w²), for a Dense layer |w_io|, and
 * is there where s_io ≥ τ·max s, τ = 0.1. Of each layer:
 *
 *   sparsity: share of weights with |w| < τ·max|w| (0 … 1); density: share of the connections that are there (0 … 1);
 *   degrees of outputs (0 … inputs) and of inputs (0 … outputs): mean, standard deviation, least, most;
 *   Gini = Σ_k (2k − n − 1) s_(k) / (n Σ s) of the strengths in rising order: 0 all equal, 1 − 1/n one has it all; null where all are zero.
 *
 * Kernels as the network runs them, batch norms folded in. Depthwise kernels connect each channel with itself and are left out. The thresholds
 * are this site's: the paper's networks are sparse by training, with exact zeros.
 */
import type { ModelGraph } from '../model/graph';
import { type Answer, none } from './answer';

export const WEAK = 0.1;

export interface Degrees {
  mean: number;
  std: number;
  least: number;
  most: number;
}

export interface LayerGraph {
  name: string;
  inputs: number;
  outputs: number;
  sparsity: number;
  density: number;
  /** Connections of an output. */
  fanIn: Degrees;
  /** Connections of an input. */
  fanOut: Degrees;
  gini: number | null;
}

export interface WeightGraph {
  threshold: number;
  /** Share of all weights of these layers that are weak in theirs. */
  sparsity: number;
  layers: LayerGraph[];
}

export function weightGraph({ nodes }: ModelGraph): Answer<WeightGraph> {
  const layers: LayerGraph[] = [];
  let [weak, all] = [0, 0];
  for (const { name, op } of nodes) {
    if (op.kind !== 'conv' && op.kind !== 'dense') continue;
    const [inputs, outputs] = op.kernel.shape.slice(-2);
    const layer = layerGraph(op.kernel.values, inputs, outputs);
    layers.push({ name, ...layer });
    weak += layer.sparsity * op.kernel.values.length;
    all += op.kernel.values.length;
  }
  if (layers.length === 0) return none('the model has no convolution and no Dense layer');
  return { result: { threshold: WEAK, sparsity: weak / all, layers } };
}

/** values: [window × inputs × outputs] row-major. */
export function layerGraph(values: Float32Array, inputs: number, outputs: number): Omit<LayerGraph, 'name'> {
  const pairs = inputs * outputs;
  const strengths = new Float64Array(pairs);
  let largest = 0;
  for (let k = 0; k < values.length; k++) {
    strengths[k % pairs] += values[k] * values[k];
    largest = Math.max(largest, Math.abs(values[k]));
  }
  for (let k = 0; k < pairs; k++) strengths[k] = Math.sqrt(strengths[k]);
  const strongest = strengths.reduce((a, b) => Math.max(a, b), 0);
  const [fanIn, fanOut] = [new Float64Array(outputs), new Float64Array(inputs)];
  for (let k = 0; k < pairs; k++) {
    if (strongest === 0 || strengths[k] < WEAK * strongest) continue;
    fanOut[Math.floor(k / outputs)]++;
    fanIn[k % outputs]++;
  }
  // Weights that are all zero are all weak.
  const weak = largest === 0 ? values.length : values.reduce((n, w) => n + (Math.abs(w) < WEAK * largest ? 1 : 0), 0);
  const edges = fanIn.reduce((a, b) => a + b, 0);
  return {
    ...{ inputs, outputs, sparsity: weak / values.length, density: edges / pairs },
    ...{ fanIn: degrees(fanIn), fanOut: degrees(fanOut), gini: gini(strengths) },
  };
}

function degrees(list: Float64Array): Degrees {
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  const std = Math.sqrt(list.reduce((sum, d) => sum + (d - mean) ** 2, 0) / list.length);
  return { mean, std, least: list.reduce((a, b) => Math.min(a, b)), most: list.reduce((a, b) => Math.max(a, b)) };
}

function gini(strengths: Float64Array): number | null {
  const n = strengths.length;
  const total = strengths.reduce((a, b) => a + b, 0);
  if (total === 0) return null;
  return (
    strengths
      .slice()
      .sort()
      .reduce((sum, s, k) => sum + (2 * (k + 1) - n - 1) * s, 0) /
    (n * total)
  );
}
