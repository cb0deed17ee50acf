/** dL/dkernel of one node of a network, from what a backward pass sees there. */
import * as tf from '@tensorflow/tfjs-core';
import { activationGrad } from '../engine/kernels/activation';
import type { GraphNode, Operation } from '../model/graph';
import type { SeenNode } from '../model/network';
import { convWeightGradient } from './conv-weight-gradient';

export type WithKernel = Extract<Operation, { kind: 'conv' | 'dense' }>;

/** Kernels whose gradient is known; those of depthwise convolutions are not among them. */
export const hasKernelGradient = (op: Operation): op is WithKernel => op.kind === 'conv' || op.kind === 'dense';

/** Of the sum over the batch, in the kernel's own shape. The caller disposes, or a tidy of its does. */
export function kernelGradient({ op }: GraphNode, { dy, inputs: [x], y }: SeenNode): tf.Tensor {
  if (!hasKernelGradient(op)) throw new Error(`expected a convolution or a dense layer, got ${op.kind}`);
  return tf.tidy(() => {
    // A pool behind it may have applied the mask already; twice is the same.
    const masked = op.relu ? activationGrad(dy, y, { name: 'relu' }) : dy;
    if (op.kind === 'dense') return tf.matMul(tf.transpose(x as tf.Tensor2D), masked as tf.Tensor2D);
    const [h, w] = op.kernel.shape;
    return convWeightGradient(x as tf.Tensor4D, masked as tf.Tensor4D, [h, w], op);
  });
}
