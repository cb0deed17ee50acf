/**
 * A classifier as data: a list of inference operations in topological order with their constants. No tensors, no backend;
 * everything that can be refused is refused on this form. Layout NHWC; shapes leave out the batch.
 */

import type { Activation } from '../engine/kernels/activation';
import type { PoolGeometry } from '../engine/kernels/pool-grad';

/** A constant: row-major float32 values. */
export interface Constant {
  shape: number[];
  values: Float32Array;
}

/** top, bottom, left, right */
export type Pads = readonly [number, number, number, number];
export type Pair = readonly [number, number];

export interface ConvGeometry {
  strides: Pair;
  dilations: Pair;
  pads: Pads;
}

export type Operation =
  | { kind: 'input' }
  /** kernel [kh, kw, in, out]; `relu` is the only activation fused, its gradient can be read off the output. */
  | ({ kind: 'conv'; kernel: Constant; bias?: Float32Array; relu: boolean } & ConvGeometry)
  /** kernel [kh, kw, in, multiplier] */
  | ({ kind: 'depthwise'; kernel: Constant; bias?: Float32Array; relu: boolean } & ConvGeometry)
  /** kernel [in, out] */
  | { kind: 'dense'; kernel: Constant; bias?: Float32Array; relu: boolean }
  /** scale·x + shift over the last axis */
  | { kind: 'affine'; scale: Float32Array; shift: Float32Array; relu: boolean }
  /** `slopeOf`: gradients pass as if it were this one; a twin's for attacks (smooth-twin.ts), no file has it. */
  | { kind: 'activation'; activation: Activation; slopeOf?: Activation }
  /** x for x > 0, αx otherwise; α repeats along the flat image: one a channel, or one a place */
  | { kind: 'prelu'; alpha: Float32Array }
  | ({ kind: 'maxPool' } & PoolGeometry)
  | ({ kind: 'avgPool' } & PoolGeometry)
  | { kind: 'add' }
  /** of two tensors; the sizes of 1 of one of them may be stretched to those of the other */
  | { kind: 'multiply' }
  /** along the last axis */
  | { kind: 'concat' }
  | { kind: 'pad'; pads: Pads }
  | { kind: 'reshape' };

export interface GraphNode {
  /** Name of the layer (after folding: of the last layer folded in). */
  name: string;
  op: Operation;
  inputs: number[];
  shape: number[];
  /** A step inside a layer that takes several. */
  inner?: boolean;
}

export interface ModelGraph {
  nodes: GraphNode[];
  /** Index of the node whose output are the logits. */
  output: number;
  /** Index of the last Dense node, absent if there is none. */
  lastDense?: number;
  /** Remarks for the report's reader, such as a removed softmax. */
  notes: string[];
  /** Number of layers in the file, before folding. */
  layers: number;
  /** Kernels, biases, scales and shifts; moving statistics are not parameters. */
  params: number;
}

export const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Multiply–accumulates of one image in one node, convolutions and dense layers only. */
function nodeMacs({ op, shape }: GraphNode): number {
  if (op.kind === 'conv' || op.kind === 'depthwise') return shape[0] * shape[1] * elements(op.kernel.shape);
  return op.kind === 'dense' ? elements(op.kernel.shape) : 0;
}

/** Multiply–accumulates of one image's forward pass. */
export const countMacs = (graph: ModelGraph): number => graph.nodes.reduce((n, node) => n + nodeMacs(node), 0);

/** The layer that costs most, with all its steps and calls. */
export function costliestLayer(graph: ModelGraph): { name: string; macs: number } {
  const sums = new Map<string, number>();
  for (const node of graph.nodes) {
    const layer = node.inner ? node.name.slice(0, -`/${node.op.kind}`.length) : node.name;
    sums.set(layer, (sums.get(layer) ?? 0) + nodeMacs(node));
  }
  const [name, macs] = [...sums].reduce((a, b) => (b[1] > a[1] ? b : a));
  return { name, macs };
}

/** The feature layer's node: the input of the last Dense layer (contract §2). */
export function featureNode(graph: ModelGraph): number | undefined {
  return graph.lastDense === undefined ? undefined : graph.nodes[graph.lastDense].inputs[0];
}

/** Which nodes read each node's output. */
export function consumerLists(nodes: readonly GraphNode[]): number[][] {
  const consumers: number[][] = nodes.map(() => []);
  nodes.forEach((node, i) => {
    for (const input of node.inputs) consumers[input].push(i);
  });
  return consumers;
}
