/** Per-channel scale and shift (an unfoldable batch norm, rescaling, normalisation), optionally with a ReLU, in one pass. */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

interface Attributes {
  relu: boolean;
}

const channelsOf = (shapes: number[][]) => [{ name: 'channels', type: 'int32' as const, value: shapes[0][shapes[0].length - 1] }];

const runAffine = defineKernel<Attributes>({
  name: 'SimplexityChannelAffine',
  inputs: ['x', 'scale', 'shift'],
  outputShape: ([x]) => x,
  loop([x, scale, shift], out, _, { relu }) {
    const channels = scale.length;
    for (let i = 0; i < x.length; i += channels) {
      for (let c = 0; c < channels; c++) {
        const y = x[i + c] * scale[c] + shift[c];
        out[i + c] = relu && y < 0 ? 0 : y;
      }
    }
  },
  wgsl: {
    uniforms: (shapes) => channelsOf(shapes),
    variant: (a) => String(a.relu),
    body: ({ relu }) => ({
      main: `let c = index % uniforms.channels;
        let y = x[index] * scale[c] + shift[c];
        setOutputAtIndex(index, ${relu ? 'select(y, 0.0, y < 0.0)' : 'y'});`,
    }),
  },
});

const runAffineGrad = defineKernel<Attributes>({
  name: 'SimplexityChannelAffineGrad',
  inputs: ['dy', 'y', 'scale'],
  outputShape: ([dy]) => dy,
  loop([dy, y, scale], out, _, { relu }) {
    const channels = scale.length;
    for (let i = 0; i < dy.length; i += channels) {
      for (let c = 0; c < channels; c++) if (!relu || y[i + c] > 0) out[i + c] = dy[i + c] * scale[c];
    }
  },
  wgsl: {
    uniforms: (shapes) => channelsOf(shapes),
    variant: (a) => String(a.relu),
    body: ({ relu }) => ({
      main: `let g = dy[index] * scale[index % uniforms.channels];
        setOutputAtIndex(index, ${relu ? 'select(0.0, g, y[index] > 0.0)' : 'g'});`,
    }),
  },
});

/** y = scale·x + shift over the last axis; NaN passes through the ReLU so that it is seen. */
export function channelAffine(x: tf.Tensor, scale: tf.Tensor1D, shift: tf.Tensor1D, relu: boolean): tf.Tensor {
  return runAffine([x, scale, shift], { relu });
}

/** dL/dx of {@link channelAffine}; y is its output (read only for the ReLU mask; pass dy where there is none). */
export function channelAffineGrad(dy: tf.Tensor, y: tf.Tensor, scale: tf.Tensor1D, relu: boolean): tf.Tensor {
  return runAffineGrad([dy, y, scale], { relu });
}
