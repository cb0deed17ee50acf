/** d/dz of the batch's mean cross-entropy. */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyGrad } from '../../engine/kernels/loss-grad';
import type { LogitLossGradient } from '../../model/classifier';

export const meanCrossEntropyGrad: LogitLossGradient = (logits, labels) =>
  tf.tidy(() => tf.div(crossEntropyGrad(logits, labels), logits.shape[0]));
