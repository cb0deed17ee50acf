/** Max pooling, and the mean over the whole image. */
import * as tf from '@tensorflow/tfjs-core';
import { avgPoolGrad, maxPoolGrad, type PoolGeometry } from '../../engine/kernels/pool-grad';
import { explicitPads } from '../../model/conv';
import type { Pads } from '../../model/graph';
import { noGradients, type TrainableLayer, WITHOUT_PARAMETERS, zeroPadding } from '../layer';

interface MaxPoolOptions {
  /** The window's size by default. */
  stride?: number;
  /** Rows on every side that no window takes its value from. The file has zeros there, which behind a ReLU is the same. */
  pad?: number;
}

export function maxPoolLayer(
  name: string,
  [h, w, channels]: readonly number[],
  size: number,
  { stride = size, pad = 0 }: MaxPoolOptions = {},
): TrainableLayer {
  const geometry = { window: [size, size], strides: [stride, stride], pads: [pad, pad, pad, pad] } satisfies PoolGeometry;
  const places = (pixels: number) => Math.floor((pixels + 2 * pad - size) / stride) + 1;
  return {
    ...WITHOUT_PARAMETERS,
    name,
    shape: [places(h), places(w), channels],
    forward: (x) => ({
      y: tf.maxPool(
        x as tf.Tensor4D,
        size,
        stride,
        pad ? (explicitPads(geometry.pads as Pads) as tf.backend_util.ExplicitPadding) : 'valid',
      ),
      toInput: (dy) => maxPoolGrad(dy, x, geometry, false),
      toParameters: noGradients,
    }),
    written: () => [
      ...(pad ? [zeroPadding(name, pad)] : []),
      {
        className: 'MaxPooling2D',
        config: {
          ...{ name, trainable: true, dtype: 'float32', pool_size: [size, size], strides: [stride, stride] },
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
