/** Max pooling over windows that do not overlap, and the mean over the whole image. */
import * as tf from '@tensorflow/tfjs-core';
import { avgPoolGrad, maxPoolGrad, type PoolGeometry } from '../../engine/kernels/pool-grad';
import { noGradients, type TrainableLayer, WITHOUT_PARAMETERS } from '../layer';

export function maxPoolLayer(name: string, [h, w, channels]: readonly number[], size: number): TrainableLayer {
  const geometry: PoolGeometry = { window: [size, size], strides: [size, size], pads: [0, 0, 0, 0] };
  return {
    ...WITHOUT_PARAMETERS,
    name,
    shape: [Math.floor(h / size), Math.floor(w / size), channels],
    forward: (x) => ({
      y: tf.maxPool(x as tf.Tensor4D, size, size, 'valid'),
      toInput: (dy) => maxPoolGrad(dy, x, geometry, false),
      toParameters: noGradients,
    }),
    written: () => [
      {
        className: 'MaxPooling2D',
        config: {
          ...{ name, trainable: true, dtype: 'float32', pool_size: [size, size], strides: [size, size] },
          ...{ padding: 'valid', data_format: 'channels_last' },
        },
      },
    ],
  };
}

export function globalAverageLayer(name: string, [h, w, channels]: readonly number[]): TrainableLayer {
  const geometry: PoolGeometry = { window: [h, w], strides: [h, w], pads: [0, 0, 0, 0] };
  return {
    ...WITHOUT_PARAMETERS,
    name,
    shape: [channels],
    forward: (x) => ({
      y: tf.reshape(tf.avgPool(x as tf.Tensor4D, [h, w], [h, w], 'valid'), [x.shape[0], channels]),
      toInput: (dy) => avgPoolGrad(tf.reshape(dy, [x.shape[0], 1, 1, channels]), x, geometry, false),
      toParameters: noGradients,
    }),
    written: () => [
      {
        className: 'GlobalAveragePooling2D',
        config: { name, trainable: true, dtype: 'float32', data_format: 'channels_last' },
      },
    ],
  };
}
