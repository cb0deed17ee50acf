/** Counts the images that go through a network for one unit of work; units may be interleaved on one device. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Classifier, LogitLossGradient } from './classifier';
import type { Network } from './network';

export class CountedNetwork implements Classifier {
  forwards = 0;
  backwards = 0;
  constructor(private readonly network: Network) {}

  get inputShape() {
    return this.network.inputShape;
  }
  get classes() {
    return this.network.classes;
  }
  get outputName() {
    return this.network.outputName;
  }
  logits(x: tf.Tensor4D): tf.Tensor2D {
    this.forwards += x.shape[0];
    return this.network.logits(x);
  }
  forward(x: tf.Tensor4D, taps: readonly number[]) {
    this.forwards += x.shape[0];
    return this.network.forward(x, taps);
  }
  inputGradient(x: tf.Tensor4D, labels: tf.Tensor1D, loss: LogitLossGradient): tf.Tensor4D {
    this.forwards += x.shape[0];
    this.backwards += x.shape[0];
    return this.network.inputGradient(x, labels, loss);
  }
  logitsAndGradient(x: tf.Tensor4D, labels: tf.Tensor1D, loss: LogitLossGradient) {
    this.forwards += x.shape[0];
    this.backwards += x.shape[0];
    return this.network.logitsAndGradient(x, labels, loss);
  }
}
