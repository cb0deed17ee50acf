/**
 * The joint probe: how little of the image *and* of the weights has to change together. After Tsai, Hsu, Yu & Chen, “Non-Singular
 * Adversarial Robustness of Neural Networks” (arXiv 2102.11935), which bounds both in L∞; here a kernel's radius is a share of its own
 * length, so that it means the same in every layer:
 *
 *   max L(f(x + δ; W + Δ), y)   over ‖δ‖ ≤ ε, x + δ in the box, and ‖Δ_l‖_F ≤ γ‖W_l‖_F for the kernel of each layer l,
 *
 * L cross-entropy, by steps on δ (of size α) and on Δ (of size γ‖W_l‖_F/4, along each kernel's gradient) in turn. Kernels are those
 * that the network runs, batch norms folded in. Every image has weights of its own, so none depends on its batch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyGrad } from '../engine/kernels/loss-grad';
import { Failure } from '../failure';
import type { ModelGraph } from '../model/graph';
import { Network } from '../model/network';
import { TAG, uniform01 } from '../random';
import { hasKernelGradient, kernelGradient } from '../training/kernel-gradient';
import { type HostBall, intoBall, l2Norm } from './host-ball';
import { predicted } from './losses';

export const GAMMA = 0.005;
/** Of the radius: a few of ten steps reach it. */
const WEIGHT_STEP = 0.25;
/** Rounding W + Δ to float32 moves it by 2⁻²⁴ of its length at most; the radius leaves room for it. */
const ROUNDING = 2 ** -23;

export interface JointSearch {
  /** Of one image. */
  ball: HostBall;
  label: number;
  /** Record index; names the random stream, and the image in refusals. */
  sample: number;
  split: 'train' | 'test';
  seed: number;
  restart: number;
  alpha: number;
  /** Of each kind. */
  steps: number;
  gamma?: number;
  /** Hears of every pass, all of which have a gradient. */
  onPass?(): void;
}

export interface JointPoint {
  x: Float32Array;
  /** The network's, with other kernels; they are within γ. */
  graph: ModelGraph;
}

/** The first point and weights that are misclassified together, else the last ones. */
export async function jointSearch(network: Network, search: JointSearch): Promise<JointPoint> {
  const { ball, label, alpha, steps, gamma = GAMMA, onPass } = search;
  const { graph } = network;
  const kernels = kernelsOf(graph);
  const x = startOf(search);
  const scratch = new Float64Array(ball.size);
  let [moved, net] = [graph, network];
  try {
    for (let turn = 0; turn < 2 * steps; turn++) {
      const onWeights = turn % 2 === 1;
      onPass?.();
      const { logits, gradient, kernelGradients } = await gradients(net, x, search, onWeights ? kernels.map(({ node }) => node) : []);
      if (predicted(logits) !== label) break;
      if (!onWeights) {
        const scale = ball.norm === 'l2' ? alpha / (l2Norm(gradient) + 1e-12) : 0;
        for (let i = 0; i < ball.size; i++) scratch[i] = x[i] + (ball.norm === 'l2' ? scale * gradient[i] : alpha * Math.sign(gradient[i]));
        intoBall(ball, 0, scratch, x, 0);
        continue;
      }
      kernels.forEach((kernel, k) => {
        climbKernel(kernel, kernelGradients[k], gamma);
      });
      moved = withKernels(graph, kernels);
      if (net !== network) net.dispose();
      net = new Network(moved);
    }
  } finally {
    if (net !== network) net.dispose();
  }
  return { x, graph: moved };
}

interface Kernel {
  node: number;
  values: Float32Array;
  delta: Float64Array;
  length: number;
}

const kernelsOf = ({ nodes }: ModelGraph): Kernel[] =>
  nodes.flatMap(({ op }, node) => {
    if (!hasKernelGradient(op)) return [];
    const { values } = op.kernel;
    return [{ node, values, delta: new Float64Array(values.length), length: l2Norm(values) }];
  });

/** Uniform in the ball's cube (L2: scaled onto its sphere), from one tag for both norms. */
function startOf({ ball, sample, split, seed, restart }: JointSearch): Float32Array {
  const { norm, epsilon, x0, size } = ball;
  const u = uniform01({ seed, tag: TAG.jointStart, sample, split, restart }, size).map((v) => 2 * v - 1);
  const scale = norm === 'l2' ? epsilon / (l2Norm(u) + 1e-12) : epsilon;
  const x = new Float32Array(size);
  intoBall(
    ball,
    0,
    Float64Array.from(u, (v, i) => x0[i] + v * scale),
    x,
    0,
  );
  return x;
}

async function gradients(net: Network, x: Float32Array, { label, sample }: JointSearch, nodes: readonly number[]) {
  const found = new Map<number, tf.Tensor>();
  const out = tf.tidy(() =>
    net.logitsAndGradient(tf.tensor4d(x, [1, ...net.inputShape]), tf.tensor1d([label], 'float32'), crossEntropyGrad, (node, seen) => {
      if (nodes.includes(node)) found.set(node, tf.keep(kernelGradient(net.graph.nodes[node], seen)));
    }),
  );
  const tensors = [out.logits, out.gradient, ...nodes.map((node) => found.get(node))];
  // A kernel that the output does not depend on has no gradient.
  const lists = await Promise.all(tensors.map(async (t) => (t ? ((await t.data()) as Float32Array) : new Float32Array(0))));
  tf.dispose([out.logits, out.gradient, ...found.values()]);
  const bad = lists.findIndex((list) => list.some((v) => !Number.isFinite(v)));
  if (bad >= 0) {
    const what = bad === 0 ? 'an output' : bad === 1 ? 'the gradient' : `the gradient of ${net.graph.nodes[nodes[bad - 2]].name}`;
    throw new Failure('computation-failed', `joint: ${what} at sample ${sample} is not finite; the model cannot be attacked`);
  }
  const [logits, gradient, ...kernelGradients] = lists;
  return { logits, gradient, kernelGradients };
}

/** Δ ← Π(Δ + step·∇/‖∇‖_F), Π onto ‖Δ‖_F ≤ γ‖W‖_F. */
function climbKernel({ delta, length }: Kernel, gradient: Float32Array, gamma: number): void {
  const slope = l2Norm(gradient);
  if (slope === 0) return;
  const radius = Math.max(0, gamma - ROUNDING) * length;
  for (let i = 0; i < gradient.length; i++) delta[i] += (WEIGHT_STEP * radius * gradient[i]) / slope;
  const size = l2Norm(delta);
  if (size > radius) for (let i = 0; i < delta.length; i++) delta[i] *= radius / size;
}

function withKernels(graph: ModelGraph, kernels: readonly Kernel[]): ModelGraph {
  const nodes = graph.nodes.slice();
  for (const { node, values, delta } of kernels) {
    const { op } = nodes[node];
    if (!hasKernelGradient(op)) continue;
    const moved = Float32Array.from(values, (v, i) => v + delta[i]);
    nodes[node] = { ...nodes[node], op: { ...op, kernel: { ...op.kernel, values: moved } } };
  }
  return { ...graph, nodes };
}

/** The largest share of a kernel's length that it was moved by, measured anew. */
export function movedShare(from: ModelGraph, to: ModelGraph): number {
  return from.nodes.reduce((most, { op }, node) => {
    const other = to.nodes[node].op;
    if (!hasKernelGradient(op) || !hasKernelGradient(other)) return most;
    const { values } = op.kernel;
    const size = l2Norm(Float64Array.from(values, (v, i) => other.kernel.values[i] - v));
    return size === 0 ? most : Math.max(most, size / l2Norm(values));
  }, 0);
}
