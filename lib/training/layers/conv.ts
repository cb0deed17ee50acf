/** A convolution without bias (a batch norm follows), whose output has ⌈size / stride⌉ rows and columns. */
import * as tf from '@tensorflow/tfjs-core';
import { runConv } from '../../model/conv';
import { planConvGradient } from '../../model/conv-gradient';
import type { ConvGeometry } from '../../model/graph';
import { convWeightGradient } from '../conv-weight-gradient';
import { heNormal } from '../initial-weights';
import { type Parameter, type TrainableLayer, zeroPadding } from '../layer';

interface ConvOptions {
  name: string;
  /** height, width, channels of the input */
  input: readonly [number, number, number];
  filters: number;
  /** Odd. */
  window: number;
  stride?: number;
  /**
   * Where the rows of padding are: TensorFlow's `same` puts the odd one last; `even` has (window − 1)/2 on every side, as
   * PyTorch has it. At stride 1 they agree.
   */
  padding?: 'same' | 'even';
  seed: number;
  /** Number of this kernel among the network's, for its initial weights. */
  index: number;
}

/** TensorFlow's rule for `same`: ⌈size / stride⌉ outputs, the odd row of padding at the end. */
function samePadding(size: number, window: number, stride: number): [number, number] {
  const all = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size);
  return [Math.floor(all / 2), all - Math.floor(all / 2)];
}

export function convLayer({ name, input, filters, window, stride = 1, padding = 'same', seed, index }: ConvOptions): TrainableLayer {
  const [h, w, channels] = input;
  const shape = [Math.ceil(h / stride), Math.ceil(w / stride), filters];
  const size: [number, number, number, number] = [window, window, channels, filters];
  const count = size.reduce((a, b) => a * b);
  const pad = (window - 1) / 2;
  // In the file it is a layer of its own.
  const apart = padding === 'even' && stride > 1 && pad > 0;
  const geometry: ConvGeometry = {
    strides: [stride, stride],
    dilations: [1, 1],
    pads: apart ? [pad, pad, pad, pad] : [...samePadding(h, window, stride), ...samePadding(w, window, stride)],
  };
  const kernel: Parameter = {
    name: `${name}/kernel`,
    value: tf.keep(tf.tensor4d(heNormal(seed, index, count, window * window * channels), size)),
  };
  // The plan is made of the weights' numbers, 1 …, so that its kernel says where each weight has to go; 0 = nowhere.
  const numbers = Float32Array.from({ length: count }, (_, i) => i + 1);
  const plan = planConvGradient({ shape: size, values: numbers }, geometry, input, shape);
  const places = tf.keep(tf.tidy(() => tf.cast(tf.reshape(plan.kernel, [-1]), 'int32')));
  const planShape = plan.kernel.shape;
  plan.kernel.dispose();
  const zero = tf.keep(tf.zeros([1]));

  return {
    name,
    shape,
    parameters: [kernel],
    forward(x) {
      const weights = kernel.value as tf.Tensor4D;
      return {
        y: runConv(x as tf.Tensor4D, weights, undefined, geometry, false),
        toInput: (dy) =>
          tf.tidy(() => {
            const flat = tf.concat([zero, tf.reshape(weights, [count])]);
            return plan.run(dy as tf.Tensor4D, tf.reshape(tf.gather(flat, places), planShape));
          }),
        toParameters: (dy) => [convWeightGradient(x as tf.Tensor4D, dy as tf.Tensor4D, [window, window], geometry)],
      };
    },
    written: () => [
      ...(apart ? [zeroPadding(name, pad)] : []),
      {
        className: 'Conv2D',
        config: {
          ...{ name, trainable: true, dtype: 'float32', filters, kernel_size: [window, window], strides: [stride, stride] },
          ...{
            padding: padding === 'even' && stride > 1 ? 'valid' : 'same',
            data_format: 'channels_last',
            dilation_rate: [1, 1],
            activation: 'linear',
            use_bias: false,
          },
        },
        weights: { kernel: kernel.value },
      },
    ],
    dispose: () => tf.dispose([kernel.value, places, zero]),
  };
}
