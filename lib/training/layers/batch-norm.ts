/**
 * Batch normalisation with a ReLU behind it: y = max(0, γ·(x − m)/√(v + ε) + β) per channel, m and v those of the batch
 * (population variance) or, at inference, their moving averages.
 *
 * Backward with N values a channel, x̂ = (x − m)/√(v + ε), g = dy where y > 0: dβ = Σ g, dγ = Σ g·x̂, and
 * dx = γ/√(v + ε)·(g − dβ/N − x̂·dγ/N); at inference m and v are constants and dx = γ/√(v + ε)·g.
 */
import * as tf from '@tensorflow/tfjs-core';
import { batchNormGrad, batchNormSums, channelMoments } from '../../engine/kernels/batch-norm';
import { channelAffine, channelAffineGrad } from '../../engine/kernels/channel-affine';
import type { Mode, Parameter, TrainableLayer } from '../layer';

const EPSILON = 1e-5;
/** Share of the old moving average that stays at each step. */
const MOMENTUM = 0.9;

const row = (t: tf.Tensor2D, i: number) => tf.reshape(tf.slice(t, [i, 0], [1, -1]), [-1]) as tf.Tensor1D;

export function batchNormReluLayer(name: string, input: readonly number[], reluName = `${name}_relu`): TrainableLayer {
  const channels = input[input.length - 1];
  const gamma: Parameter = { name: `${name}/gamma`, value: tf.keep(tf.ones([channels])) };
  const beta: Parameter = { name: `${name}/beta`, value: tf.keep(tf.zeros([channels])) };
  /** Mean and variance, [2, channels]. */
  let moving = tf.keep(tf.tidy(() => tf.stack([tf.zeros([channels]), tf.ones([channels])]))) as tf.Tensor2D;

  function statistics(x: tf.Tensor, mode: Mode): tf.Tensor2D {
    if (mode === 'inference') return moving;
    const moments = channelMoments(x);
    if (mode === 'step') {
      const old = moving;
      moving = tf.keep(tf.tidy(() => tf.add(tf.mul(old, MOMENTUM), tf.mul(moments, 1 - MOMENTUM)))) as tf.Tensor2D;
      old.dispose();
    }
    return moments;
  }

  return {
    name,
    shape: input,
    parameters: [gamma, beta],
    forward(x, mode) {
      const moments = statistics(x, mode);
      const mean = row(moments, 0);
      const inverse = tf.rsqrt(tf.add(row(moments, 1), EPSILON)) as tf.Tensor1D;
      const scale = tf.mul(gamma.value, inverse) as tf.Tensor1D;
      const y = channelAffine(x, scale, tf.sub(beta.value, tf.mul(mean, scale)) as tf.Tensor1D, true);
      let known: { dy: tf.Tensor; dBeta: tf.Tensor1D; dGamma: tf.Tensor1D } | undefined;
      const sums = (dy: tf.Tensor) => {
        if (known?.dy === dy) return known;
        const both = batchNormSums(dy, y, x, mean, true);
        known = { dy, dBeta: row(both, 0), dGamma: tf.mul(row(both, 1), inverse) as tf.Tensor1D };
        return known;
      };
      return {
        y,
        toInput(dy) {
          if (mode === 'inference') return channelAffineGrad(dy, y, scale, true);
          const { dBeta, dGamma } = sums(dy);
          const perValue = tf.div(scale, -x.size / channels);
          const factors = tf.stack([scale, tf.mul(tf.mul(perValue, inverse), dGamma), tf.mul(perValue, dBeta), mean]) as tf.Tensor2D;
          return batchNormGrad(dy, y, x, factors, true);
        },
        toParameters(dy) {
          const { dBeta, dGamma } = sums(dy);
          return [dGamma, dBeta];
        },
      };
    },
    written: () => [
      {
        className: 'BatchNormalization',
        config: {
          ...{ name, trainable: true, dtype: 'float32', axis: -1, momentum: MOMENTUM, epsilon: EPSILON, center: true, scale: true },
        },
        weights: {
          gamma: gamma.value,
          beta: beta.value,
          moving_mean: row(moving, 0),
          moving_variance: row(moving, 1),
        },
      },
      {
        className: 'Activation',
        config: { name: reluName, trainable: true, dtype: 'float32', activation: 'relu' },
      },
    ],
    restoreAverages(values) {
      moving.dispose();
      moving = tf.keep(
        tf.tidy(() => tf.stack(['moving_mean', 'moving_variance'].map((role) => tf.tensor1d(values(`${name}/${role}`))))),
      ) as tf.Tensor2D;
    },
    dispose: () => tf.dispose([gamma.value, beta.value, moving]),
  };
}
