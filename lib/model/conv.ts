/** tfjs' fused convolution kernels called directly: without the wrapper that prepares a gradient we never use. */
import * as tf from '@tensorflow/tfjs-core';
import type { ConvGeometry, Pads } from './graph';

export const explicitPads = ([top, bottom, left, right]: Pads) => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

function run(
  kernelName: string,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D | undefined,
  { strides, dilations, pads }: ConvGeometry,
  relu: boolean,
): tf.Tensor4D {
  const padded = pads.some((p) => p > 0);
  return tf.engine().runKernel(
    kernelName,
    { x, filter, ...(bias ? { bias } : {}) } as unknown as tf.NamedTensorMap,
    {
      strides,
      dilations,
      pad: padded ? explicitPads(pads) : 'valid',
      dataFormat: 'NHWC',
      activation: relu ? 'relu' : 'linear',
    } as unknown as tf.NamedAttrMap,
  ) as tf.Tensor4D;
}

/** filter [kh, kw, in, out] */
export const runConv = (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D | undefined, geometry: ConvGeometry, relu: boolean) =>
  run('FusedConv2D', x, filter, bias, geometry, relu);

/** filter [kh, kw, in, multiplier] */
export const runDepthwise = (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D | undefined, geometry: ConvGeometry, relu: boolean) =>
  run('FusedDepthwiseConv2D', x, filter, bias, geometry, relu);

/** x [batch, in] · w [in, out] + bias, optionally transposed w. */
export function runDense(x: tf.Tensor2D, w: tf.Tensor2D, bias: tf.Tensor1D | undefined, relu: boolean): tf.Tensor2D {
  const product: tf.Tensor = tf.matMul(x, w);
  if (!bias && !relu) return product as tf.Tensor2D;
  const sum = bias ? tf.add(product, bias) : product;
  return (relu ? tf.relu(sum) : sum) as tf.Tensor2D;
}
