/** (x − mean)/deviation per channel with fixed numbers: a model takes pixels in [0, 1] and normalises them itself. */
import * as tf from '@tensorflow/tfjs-core';
import { channelAffine, channelAffineGrad } from '../../engine/kernels/channel-affine';
import { noGradients, type TrainableLayer } from '../layer';

export interface PixelStatistics {
  mean: readonly number[];
  deviation: readonly number[];
}

/** Mean and standard deviation of each channel of uint8 NHWC images, in units of [0, 1]. */
export function pixelStatistics(images: Uint8Array, channels: number): PixelStatistics {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  images.forEach((byte, i) => {
    sums[i % channels] += byte;
    squares[i % channels] += byte * byte;
  });
  const count = images.length / channels;
  const mean = Array.from(sums, (s) => s / count / 255);
  return { mean, deviation: Array.from(squares, (s, c) => Math.sqrt(Math.max(s / count / 255 ** 2 - mean[c] ** 2, 1e-6))) };
}

export function normalizeLayer(name: string, input: readonly number[], { mean, deviation }: PixelStatistics): TrainableLayer {
  const scale = tf.keep(tf.tensor1d(deviation.map((d) => 1 / d)));
  const shift = tf.keep(tf.tensor1d(mean.map((m, c) => -m / deviation[c])));
  return {
    name,
    shape: input,
    parameters: [],
    forward(x) {
      const y = channelAffine(x, scale, shift, false);
      return { y, toInput: (dy) => channelAffineGrad(dy, y, scale, false), toParameters: noGradients };
    },
    written: () => [
      {
        // Keras' Normalization layer is not known to every reader; a frozen batch norm says the same.
        className: 'BatchNormalization',
        config: { name, trainable: false, dtype: 'float32', axis: -1, momentum: 0.99, epsilon: 0, center: false, scale: false },
        weights: { moving_mean: tf.tensor1d([...mean]), moving_variance: tf.tensor1d(deviation.map((d) => d * d)) },
      },
    ],
    dispose: () => tf.dispose([scale, shift]),
  };
}
