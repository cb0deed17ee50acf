/**
 * Folds what inference does not need apart: a batch norm into the convolution or dense layer before it, consecutive
 * scale-and-shifts into one, a ReLU into the operation that it follows. Products in float64, rounded once.
 */
import { consumerLists, elements, type GraphNode, type ModelGraph, type Operation } from './graph';

type Foldable = Extract<Operation, { relu: boolean }>;
const foldable = (op: Operation): op is Foldable => 'relu' in op;

/** op followed by y·scale + shift, as one operation. */
function scaled(op: Foldable, scale: Float32Array, shift: Float32Array): Operation {
  if (op.kind === 'affine') {
    return {
      ...op,
      scale: op.scale.map((s, c) => s * scale[c]),
      shift: op.shift.map((b, c) => b * scale[c] + shift[c]),
    };
  }
  // Output channels are the last axis, for depthwise kernels the last two taken together. A loop: kernels are large.
  const channels = scale.length;
  const values = new Float32Array(op.kernel.values.length);
  for (let i = 0; i < values.length; i++) values[i] = op.kernel.values[i] * scale[i % channels];
  return {
    ...op,
    kernel: { shape: op.kernel.shape, values },
    bias: shift.map((b, c) => (op.bias ? op.bias[c] * scale[c] : 0) + b),
  };
}

/** One operation for two; null where they stay apart. */
type Merge = (before: GraphNode, after: GraphNode, isLastDense: boolean) => Operation | null;

const mergedAffines: Merge = ({ op }, { op: next }) =>
  op.kind === 'affine' && !op.relu && next.kind === 'affine'
    ? ({ ...scaled(op, next.scale, next.shift), relu: next.relu } as Operation)
    : null;

const merged: Merge = (before, after, isLastDense) => {
  const { op } = before;
  if (!foldable(op) || op.relu) return null;
  // The last Dense layer's kernel is W of the collapse metrics and stays as it was trained.
  if (after.op.kind === 'affine' && !isLastDense)
    return { ...scaled(op, after.op.scale, after.op.shift), relu: after.op.relu } as Operation;
  if (after.op.kind === 'activation' && after.op.activation.name === 'relu') return { ...op, relu: true };
  return null;
};

/** Drops what the output does not depend on (auxiliary heads). */
export function pruneGraph(graph: ModelGraph): ModelGraph {
  const needed = new Set<number>();
  const stack = [graph.output];
  while (stack.length) {
    const i = stack.pop() as number;
    if (needed.has(i)) continue;
    needed.add(i);
    stack.push(...graph.nodes[i].inputs);
  }
  const place = new Map([...needed].sort((a, b) => a - b).map((old, i) => [old, i]));
  const at = (old: number) => place.get(old) as number;
  const nodes = graph.nodes.filter((_, i) => needed.has(i)).map((n) => ({ ...n, inputs: n.inputs.map(at) }));
  const lastDense = nodes.findLastIndex((n) => n.op.kind === 'dense');
  const { lastDense: _, ...rest } = graph;
  return { ...rest, nodes, output: at(graph.output), ...(lastDense < 0 ? {} : { lastDense }) };
}

/** A row of scales becomes one before a kernel is multiplied by it, so that a large kernel is copied once. */
export const foldGraph = (graph: ModelGraph): ModelGraph => folded(folded(graph, mergedAffines), merged);

function folded(graph: ModelGraph, merge: Merge): ModelGraph {
  const consumers = consumerLists(graph.nodes);
  const nodes: GraphNode[] = [];
  const place: number[] = []; // old index → new index
  const origin: number[] = []; // new index → last old index folded in
  graph.nodes.forEach((node, i) => {
    const before = node.inputs.length === 1 ? node.inputs[0] : -1;
    if (before >= 0 && before !== graph.output && consumers[before].length === 1) {
      const target = place[before];
      const holdsLastDense = nodes[target].op.kind === 'dense' && graph.lastDense !== undefined && place[graph.lastDense] === target;
      const op = origin[target] === before ? merge(nodes[target], node, holdsLastDense) : null;
      if (op) {
        nodes[target] = { ...nodes[target], name: node.name, inner: node.inner, op };
        place[i] = target;
        origin[target] = i;
        return;
      }
    }
    place[i] = nodes.length;
    origin.push(i);
    nodes.push({ ...node, inputs: node.inputs.map((k) => place[k]) });
  });
  return {
    ...graph,
    nodes,
    output: place[graph.output],
    ...(graph.lastDense === undefined ? {} : { lastDense: place[graph.lastDense] }),
  };
}

/** Bytes of the largest activation of one image; what decides the batch size that fits. */
export function activationBytes(graph: ModelGraph): { largest: number; total: number } {
  const sizes = graph.nodes.map((n) => elements(n.shape) * 4);
  return { largest: Math.max(...sizes), total: sizes.reduce((a, b) => a + b, 0) };
}
