/** y = x·w + b. */
import * as tf from '@tensorflow/tfjs-core';
import { runDense } from '../../model/conv';
import { heNormal } from '../initial-weights';
import type { Parameter, TrainableLayer } from '../layer';

interface DenseOptions {
  name: string;
  input: readonly number[];
  units: number;
  seed: number;
  /** Number of this kernel among the network's, for its initial weights. */
  index: number;
}

export function denseLayer({ name, input: [size], units, seed, index }: DenseOptions): TrainableLayer {
  const kernel: Parameter = {
    name: `${name}/kernel`,
    value: tf.keep(tf.tensor2d(heNormal(seed, index, size * units, size), [size, units])),
  };
  const bias: Parameter = { name: `${name}/bias`, value: tf.keep(tf.zeros([units])) };
  return {
    name,
    shape: [units],
    parameters: [kernel, bias],
    forward(x) {
      const weights = kernel.value as tf.Tensor2D;
      return {
        y: runDense(x as tf.Tensor2D, weights, bias.value as tf.Tensor1D, false),
        toInput: (dy) => tf.matMul(dy as tf.Tensor2D, tf.transpose(weights)),
        // Transposed by hand: wasm's matrix product is fast only where nothing has to be turned.
        toParameters: (dy) => [tf.matMul(tf.transpose(x as tf.Tensor2D), dy as tf.Tensor2D), tf.sum(dy, 0)],
      };
    },
    written: () => [
      {
        className: 'Dense',
        config: { name, trainable: true, dtype: 'float32', units, activation: 'linear', use_bias: true },
        weights: { kernel: kernel.value, bias: bias.value },
      },
    ],
    dispose: () => tf.dispose([kernel.value, bias.value]),
  };
}
