/**
 * Locality of the first layer's filters, after Ingrosso & Goldt, “Data-driven emergence of convolutional structure” (arXiv 2202.00565), who
 * follow the inverse participation ratio Σw⁴/(Σw²)² of receptive fields. Here its inverse over places, so that it counts them: with energy
 * e_s = Σ over input channels of w_s² at place s of a window of S places,
 *
 *   participation = (Σ_s e_s)² / (S·Σ_s e_s²), from 1/S (all of it at one place) to 1 (the same everywhere).
 *
 * The first layer is the first convolution, whose window is its kernel's, or a Dense layer on the flattened image, whose window is the image.
 * Scaling a filter changes nothing; filters that are zero are left out. Float64.
 */
import { elements, type GraphNode, type ModelGraph } from '../model/graph';
import { type Answer, none } from './answer';

export interface Locality {
  layer: string;
  /** height, width */
  window: [number, number];
  /** Of each filter that is not zero, in their order. */
  participation: number[];
  mean: number;
  median: number;
}

export function filterLocality(graph: ModelGraph): Answer<Locality> {
  const first = graph.nodes.find(({ op }) => 'kernel' in op);
  if (!first || !('kernel' in first.op)) return none('the model has no convolution and no Dense layer');
  const window = windowOf(graph, first);
  if (!window) return none(`the first layer with weights (${first.name}) is Dense, and what it reads is not the image itself`);
  const places = window[0] * window[1];
  if (places === 1) return none(`the first layer’s filters (${first.name}) are one pixel wide`);
  const { values, shape } = first.op.kernel;
  // A depthwise kernel's multipliers are filters of one channel each.
  const channels = first.op.kind === 'depthwise' ? 1 : first.op.kind === 'dense' ? shape[0] / places : shape[2];
  const participation = participations(values, places, channels);
  if (participation.length === 0) return none(`the first layer’s filters (${first.name}) are all zero`);
  const sorted = participation.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return {
    result: {
      ...{ layer: first.name, window, participation },
      mean: participation.reduce((a, b) => a + b, 0) / participation.length,
      median: (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2,
    },
  };
}

/** values: [places × channels × filters] row-major. */
export function participations(values: Float32Array, places: number, channels: number): number[] {
  const filters = values.length / places / channels;
  return Array.from({ length: filters }, (_, f) => {
    let [sum, squares] = [0, 0];
    for (let s = 0; s < places; s++) {
      let energy = 0;
      for (let c = 0; c < channels; c++) energy += values[(s * channels + c) * filters + f] ** 2;
      sum += energy;
      squares += energy * energy;
    }
    return (sum * sum) / (places * squares);
  }).filter(Number.isFinite);
}

/** Null where a Dense layer reads anything but the image, place by place. */
function windowOf({ nodes }: ModelGraph, { op, inputs }: GraphNode): [number, number] | null {
  if (op.kind === 'conv' || op.kind === 'depthwise') return [op.kernel.shape[0], op.kernel.shape[1]];
  let at = nodes[inputs[0]];
  while (at.op.kind === 'reshape' || at.op.kind === 'affine') at = nodes[at.inputs[0]];
  if (at.op.kind !== 'input' || !('kernel' in op) || elements(at.shape) !== op.kernel.shape[0]) return null;
  return [at.shape[0], at.shape[1]];
}
