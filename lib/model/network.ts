/**
 * A {@link ModelGraph} on the current backend: forward with taps on any layer, and backward to the input only. Weight
 * gradients are never computed here; who wants them may look on (`see`). The caller owns what is returned; `dispose` frees the constants.
 */
import * as tf from '@tensorflow/tfjs-core';
import { activate, activationGrad, slopeFromOutput } from '../engine/kernels/activation';
import { channelAffine, channelAffineGrad } from '../engine/kernels/channel-affine';
import { depthwiseInputGrad } from '../engine/kernels/depthwise-grad';
import { gateGrad } from '../engine/kernels/gate-grad';
import { avgPoolGrad, maxPoolGrad } from '../engine/kernels/pool-grad';
import { prelu, preluGrad } from '../engine/kernels/prelu';
import type { Classifier, LogitLossGradient } from './classifier';
import { explicitPads, runConv, runDense, runDepthwise } from './conv';
import { planConvGradient } from './conv-gradient';
import { consumerLists, type GraphNode, type ModelGraph } from './graph';

/** One node, ready to run. */
interface Stage {
  forward(inputs: tf.Tensor[]): tf.Tensor;
  /** Gradients with respect to each input. x: inputs, y: output, dy: gradient of the output. */
  backward(dy: tf.Tensor, x: tf.Tensor[], y: tf.Tensor): tf.Tensor[];
}

/** What a backward pass has at hand at one node; the tensors are the pass's own. */
export interface SeenNode {
  /** Gradient at the output, before a fused ReLU's mask or after it. */
  dy: tf.Tensor;
  inputs: tf.Tensor[];
  y: tf.Tensor;
}

const RELU = { name: 'relu' } as const;
const batched = (t: tf.Tensor, shape: readonly number[]) => [t.shape[0], ...shape];

export class Network implements Classifier {
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  /** The layer that the logits come from. */
  readonly outputName: string;
  private readonly constants: tf.Tensor[] = [];
  private readonly stages: Stage[];
  private readonly consumers: number[][];

  constructor(readonly graph: ModelGraph) {
    this.inputShape = graph.nodes[graph.nodes.findIndex((n) => n.op.kind === 'input')].shape as [number, number, number];
    this.classes = graph.nodes[graph.output].shape[0];
    this.outputName = graph.nodes[graph.output].name;
    this.consumers = consumerLists(graph.nodes);
    this.stages = graph.nodes.map((node, i) => this.stage(node, i));
  }

  logits(x: tf.Tensor4D): tf.Tensor2D {
    return this.forward(x, []).logits;
  }

  /** Logits and the activations of the nodes asked for, each [batch, …]. */
  forward(x: tf.Tensor4D, taps: readonly number[]): { logits: tf.Tensor2D; taps: tf.Tensor[] } {
    const { output } = this.graph;
    const kept = tf.tidy(() => {
      const values = this.run(x, new Set([output, ...taps]));
      // A tap on the output is a tensor of its own, so that each can be disposed.
      return [values[output] as tf.Tensor, ...taps.map((t) => tf.clone(values[t] as tf.Tensor))];
    });
    return { logits: kept[0] as tf.Tensor2D, taps: kept.slice(1) };
  }

  inputGradient(x: tf.Tensor4D, labels: tf.Tensor1D, loss: LogitLossGradient): tf.Tensor4D {
    return tf.tidy(() => this.logitsAndGradient(x, labels, loss).gradient);
  }

  /** `see` is shown every node that the gradient passes, within a tidy; what it is to keep it must keep. */
  logitsAndGradient(
    x: tf.Tensor4D,
    labels: tf.Tensor1D,
    loss: LogitLossGradient,
    see?: (node: number, seen: SeenNode) => void,
  ): { logits: tf.Tensor2D; gradient: tf.Tensor4D } {
    const { nodes, output } = this.graph;
    return tf.tidy(() => {
      const values = this.run(x, null);
      const grads: (tf.Tensor | undefined)[] = nodes.map(() => undefined);
      grads[output] = loss(values[output] as tf.Tensor2D, labels);
      for (let i = nodes.length - 1; i >= 0; i--) {
        const dy = grads[i];
        if (!dy || nodes[i].op.kind === 'input') continue;
        const inputs = nodes[i].inputs.map((k) => values[k] as tf.Tensor);
        see?.(i, { dy, inputs, y: values[i] as tf.Tensor });
        const dxs = this.stages[i].backward(dy, inputs, values[i] as tf.Tensor);
        nodes[i].inputs.forEach((k, j) => {
          grads[k] = grads[k] ? tf.add(grads[k] as tf.Tensor, dxs[j]) : dxs[j];
        });
      }
      const start = nodes.findIndex((n) => n.op.kind === 'input');
      const gradient = (grads[start] ?? tf.zerosLike(x)) as tf.Tensor4D;
      // A tensor of its own: in a network without layers the logits are the input.
      return { logits: tf.clone(values[output] as tf.Tensor2D), gradient };
    });
  }

  dispose(): void {
    tf.dispose(this.constants);
  }

  /** Runs all nodes; with `keep`, an activation is freed after its last reader unless it is kept. */
  private run(x: tf.Tensor4D, keep: ReadonlySet<number> | null): (tf.Tensor | undefined)[] {
    const { nodes } = this.graph;
    const values: (tf.Tensor | undefined)[] = [];
    const unread = this.consumers.map((c) => c.length);
    nodes.forEach((node, i) => {
      values[i] = node.op.kind === 'input' ? x : this.stages[i].forward(node.inputs.map((k) => values[k] as tf.Tensor));
      if (!keep) return;
      for (const k of node.inputs) {
        unread[k]--;
        if (unread[k] === 0 && !keep.has(k) && nodes[k].op.kind !== 'input') {
          values[k]?.dispose();
          values[k] = undefined;
        }
      }
    });
    return values;
  }

  private constant<T extends tf.Tensor>(tensor: T): T {
    this.constants.push(tf.keep(tensor));
    return tensor;
  }

  private vector(values: Float32Array | undefined): tf.Tensor1D | undefined {
    return values && this.constant(tf.tensor1d(values));
  }

  /** The only reader is a pooling layer, which applies this node's ReLU mask in its own pass. */
  private maskedByReader(i: number): boolean {
    const [reader, ...others] = this.consumers[i];
    return others.length === 0 && reader !== undefined && /Pool$/.test(this.graph.nodes[reader].op.kind);
  }

  private stage(node: GraphNode, index: number): Stage {
    const { op } = node;
    const { nodes } = this.graph;
    const inputNode = nodes[node.inputs[0]];
    const ownMask = 'relu' in op && op.relu && !this.maskedByReader(index);
    const unmask = (dy: tf.Tensor, y: tf.Tensor) => (ownMask ? activationGrad(dy, y, RELU) : dy);
    switch (op.kind) {
      case 'input':
        return { forward: ([x]) => x, backward: (dy) => [dy] };
      case 'conv': {
        const kernel = this.constant(tf.tensor4d(op.kernel.values, op.kernel.shape as [number, number, number, number]));
        const bias = this.vector(op.bias);
        const gradient = planConvGradient(op.kernel, op, inputNode.shape, node.shape);
        this.constant(gradient.kernel);
        return {
          forward: ([x]) => runConv(x as tf.Tensor4D, kernel, bias, op, op.relu),
          backward: (dy, _, y) => [gradient.run(unmask(dy, y) as tf.Tensor4D)],
        };
      }
      case 'depthwise': {
        const kernel = this.constant(tf.tensor4d(op.kernel.values, op.kernel.shape as [number, number, number, number]));
        const bias = this.vector(op.bias);
        return {
          forward: ([x]) => runDepthwise(x as tf.Tensor4D, kernel, bias, op, op.relu),
          backward: (dy, _, y) => [depthwiseInputGrad(unmask(dy, y), kernel, [inputNode.shape[0], inputNode.shape[1]], op)],
        };
      }
      case 'dense': {
        const kernel = this.constant(tf.tensor2d(op.kernel.values, op.kernel.shape as [number, number]));
        const transposed = this.constant(tf.tidy(() => tf.transpose(kernel)));
        const bias = this.vector(op.bias);
        return {
          forward: ([x]) => runDense(x as tf.Tensor2D, kernel, bias, op.relu),
          backward: (dy, _, y) => [tf.matMul(unmask(dy, y) as tf.Tensor2D, transposed)],
        };
      }
      case 'affine': {
        const scale = this.vector(op.scale) as tf.Tensor1D;
        const shift = this.vector(op.shift) as tf.Tensor1D;
        return {
          forward: ([x]) => channelAffine(x, scale, shift, op.relu),
          backward: (dy, _, y) => [channelAffineGrad(dy, y, scale, ownMask)],
        };
      }
      case 'activation': {
        const { activation, slopeOf } = op;
        return {
          forward: ([x]) => activate(x, activation),
          backward: (dy, [x], y) => [
            slopeOf ? activationGrad(dy, x, slopeOf) : activationGrad(dy, slopeFromOutput(activation) ? y : x, activation),
          ],
        };
      }
      case 'prelu': {
        const alpha = this.vector(op.alpha) as tf.Tensor1D;
        return { forward: ([x]) => prelu(x, alpha), backward: (dy, [x]) => [preluGrad(dy, x, alpha)] };
      }
      case 'maxPool':
      case 'avgPool': {
        const reluMask = 'relu' in inputNode.op && inputNode.op.relu && this.maskedByReader(node.inputs[0]);
        const gradient = op.kind === 'maxPool' ? maxPoolGrad : avgPoolGrad;
        const forward = op.kind === 'maxPool' ? tf.maxPool : tf.avgPool;
        const { window, strides, pads } = op;
        const pad = pads.some((p) => p > 0) ? (explicitPads(pads) as tf.backend_util.ExplicitPadding) : 'valid';
        return {
          forward: ([x]) => forward(x as tf.Tensor4D, [...window] as [number, number], [...strides] as [number, number], pad),
          backward: (dy, [x]) => [gradient(dy, x, { window, strides, pads }, reluMask)],
        };
      }
      case 'add':
        return {
          forward: (inputs) => inputs.slice(1).reduce((sum, x) => tf.add(sum, x), inputs[0]),
          backward: (dy, inputs) => inputs.map(() => dy),
        };
      case 'multiply':
        return {
          forward: ([a, b]) => tf.mul(a, b),
          backward: (dy, factors) =>
            factors.map((x, i) => {
              const other = factors[1 - i];
              return x.size === dy.size ? tf.mul(dy, other) : gateGrad(dy, other, x.shape.slice(1));
            }),
        };
      case 'concat':
        return {
          forward: (inputs) => tf.concat(inputs, inputs[0].rank - 1),
          backward: (dy, inputs) =>
            tf.split(
              dy,
              inputs.map((x) => x.shape[x.rank - 1]),
              dy.rank - 1,
            ),
        };
      case 'pad': {
        const { pads } = op;
        const [h, w, c] = inputNode.shape;
        return {
          forward: ([x]) => tf.pad(x, explicitPads(pads) as [number, number][]),
          backward: (dy) => [tf.slice(dy, [0, pads[0], pads[2], 0], [-1, h, w, c])],
        };
      }
      case 'reshape':
        return {
          forward: ([x]) => tf.reshape(x, batched(x, node.shape)),
          backward: (dy, [x]) => [tf.reshape(dy, x.shape)],
        };
    }
  }
}
