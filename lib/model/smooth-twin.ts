/**
 * A twin of a network for attacks: forward the same function, backward with other slopes where its own are 0 or vanish. Backward pass differentiable approximation, Athalye et al., arXiv 1802.00420, §4.1.2: what makes a network hard to climb
 * on need not make it robust.
 */
import type { Activation, ActivationName } from '../engine/kernels/activation';
import type { GraphNode, ModelGraph, Operation } from './graph';

/** Passes gradients on as they are, 1 on both sides: for steps made of a clip, whose slope is 0 nearly everywhere. */
const STRAIGHT: Activation = { name: 'leakyRelu', alpha: 1 };
/** 1/(1 + |x|)² reaches 0 nowhere in float32, where σ′ and tanh′ do from 104 and 45 on. */
const LONG_TAILED: Activation = { name: 'softsign' };
/**
 * A tenth where a ReLU is off. On fmnist_st at ε 0.02 it breaks what the ReLU's own slope does, 21 of 37 images; with softplus' slope it is
 * 18, and 12 where a maximum's gradient goes to its whole window, so maxima, which slope somewhere always, are left alone.
 */
const LEAKY: Activation = { name: 'leakyRelu', alpha: 0.1 };

/** Whose slope takes the place of an activation's own; the others are smooth, or slope everywhere. */
const SLOPES: Partial<Record<ActivationName, Activation>> = {
  relu: LEAKY,
  relu6: LEAKY,
  clip: STRAIGHT,
  hardSigmoid: LONG_TAILED,
  sigmoid: LONG_TAILED,
  tanh: LONG_TAILED,
  erf: LONG_TAILED,
  hardSwish: { name: 'swish' },
};

export interface SmoothTwin {
  graph: ModelGraph;
  /** How many operations of each kind have other slopes; empty: the twin is the network itself. */
  replaced: Record<string, number>;
}

export function smoothTwin(graph: ModelGraph): SmoothTwin {
  const nodes: GraphNode[] = [];
  const replaced: Record<string, number> = {};
  const count = (kind: string) => {
    replaced[kind] = (replaced[kind] ?? 0) + 1;
  };
  /** Where the output of each node of the network is in the twin; and the node itself, before a ReLU that was fused into it. */
  const [output, itself]: number[][] = [[], []];
  const push = (node: GraphNode) => nodes.push(node) - 1;
  graph.nodes.forEach((node, i) => {
    const inputs = node.inputs.map((k) => output[k]);
    const { op, relu } = withoutRelu(node.op);
    itself[i] = push({ ...node, op: smoothed(op, count), inputs });
    output[i] = relu
      ? push({
          ...node,
          name: `${node.name}/relu`,
          op: smoothed({ kind: 'activation', activation: { name: 'relu' } }, count),
          inputs: [itself[i]],
        })
      : itself[i];
  });
  const { lastDense } = graph;
  return {
    graph: { ...graph, nodes, output: output[graph.output], ...(lastDense === undefined ? {} : { lastDense: itself[lastDense] }) },
    replaced,
  };
}

const withoutRelu = (op: Operation) => ('relu' in op && op.relu ? { op: { ...op, relu: false }, relu: true } : { op, relu: false });

function smoothed(op: Operation, count: (kind: string) => void): Operation {
  const slopeOf = op.kind === 'activation' ? SLOPES[op.activation.name] : undefined;
  if (op.kind !== 'activation' || !slopeOf) return op;
  count(op.activation.name);
  return { ...op, slopeOf };
}
