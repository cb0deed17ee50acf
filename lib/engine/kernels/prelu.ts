/**
 * A leaky ReLU whose slope below zero is learnt: one for each channel, or one for each place of the image. y = x for x > 0,
 * αx otherwise; the slope at 0 is α, the value from the left.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

const repeatOf = (alpha: number[]) => [{ name: 'repeat', type: 'int32' as const, value: alpha[0] }];

const runPrelu = defineKernel<object>({
  name: 'SimplexityPrelu',
  inputs: ['x', 'alpha'],
  outputShape: ([x]) => x,
  loop([x, alpha], out) {
    const repeat = alpha.length;
    for (let i = 0; i < x.length; i += repeat) {
      for (let k = 0; k < repeat; k++) out[i + k] = x[i + k] > 0 ? x[i + k] : alpha[k] * x[i + k];
    }
  },
  wgsl: {
    uniforms: ([, alpha]) => repeatOf(alpha),
    body: () => ({
      main: 'let x = x[index]; setOutputAtIndex(index, select(alpha[index % uniforms.repeat] * x, x, x > 0.0));',
    }),
  },
});

const runPreluGrad = defineKernel<object>({
  name: 'SimplexityPreluGrad',
  inputs: ['dy', 'x', 'alpha'],
  outputShape: ([dy]) => dy,
  loop([dy, x, alpha], out) {
    const repeat = alpha.length;
    for (let i = 0; i < x.length; i += repeat) {
      for (let k = 0; k < repeat; k++) out[i + k] = x[i + k] > 0 ? dy[i + k] : alpha[k] * dy[i + k];
    }
  },
  wgsl: {
    uniforms: ([, , alpha]) => repeatOf(alpha),
    body: () => ({
      main: 'let g = dy[index]; setOutputAtIndex(index, select(alpha[index % uniforms.repeat] * g, g, x[index] > 0.0));',
    }),
  },
});

/** x: [batch, …]; alpha repeats along it, so its length divides that of an image. */
export function prelu(x: tf.Tensor, alpha: tf.Tensor1D): tf.Tensor {
  return runPrelu([x, alpha], {});
}

/** dL/dx of {@link prelu}, from its input x. */
export function preluGrad(dy: tf.Tensor, x: tf.Tensor, alpha: tf.Tensor1D): tf.Tensor {
  return runPreluGrad([dy, x, alpha], {});
}
