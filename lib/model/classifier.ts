/** What an attack sees of a model: logits, and the gradient of a loss with respect to the pixels. Nothing else. */
import type * as tf from '@tensorflow/tfjs-core';

/** dL/dlogits per sample from logits [batch, classes] and float32 labels [batch]. */
export type LogitLossGradient = (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor2D;

export interface Classifier {
  /** height, width, channels */
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  /** Images in [0, 1], NHWC → [batch, classes]. */
  logits(x: tf.Tensor4D): tf.Tensor2D;
  /**
   * Per-sample gradient of the loss with respect to the pixels (no batch mean). One forward and one backward pass.
   * labels: float32 class indices [batch].
   */
  inputGradient(x: tf.Tensor4D, labels: tf.Tensor1D, loss: LogitLossGradient): tf.Tensor4D;
  /** The same gradient, with the logits that it went through. */
  logitsAndGradient(x: tf.Tensor4D, labels: tf.Tensor1D, loss: LogitLossGradient): { logits: tf.Tensor2D; gradient: tf.Tensor4D };
}
