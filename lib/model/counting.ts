/** Counts the images that go through a network for one unit of work; units may be interleaved on one device. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Classifier, LogitLossGradient } from './classifier';
import type { Network } from './network';

/** Any classifier, counted. */
export class CountedClassifier<C extends Classifier = Classifier> implements Classifier {
  forwards = 0;
  backwards = 0;
  /** Hears of every pass as it begins: its images, and whether it has a gradient. */
  onPass?: (images: number, backward: boolean) => void;
  constructor(protected readonly network: C) {}

  get inputShape() {
    return this.network.inputShape;
  }
  get classes() {
    return this.network.classes;
  }
  logits(x: tf.Tensor4D): tf.Tensor2D {
    this.count(x, false);
    return this.network.logits(x);
  }
  inputGradient(x: tf.Tensor4D, labels: tf.Tensor1D, loss: LogitLossGradient): tf.Tensor4D {
    this.count(x, true);
    return this.network.inputGradient(x, labels, loss);
  }
  logitsAndGradient(x: tf.Tensor4D, labels: tf.Tensor1D, loss: LogitLossGradient) {
    this.count(x, true);
    return this.network.logitsAndGradient(x, labels, loss);
  }
  protected count({ shape: [images] }: tf.Tensor4D, backward: boolean): void {
    this.forwards += images;
    if (backward) this.backwards += images;
    this.onPass?.(images, backward);
  }
}

/** A network, with what its layers give, counted. */
export class CountedNetwork extends CountedClassifier<Network> {
  get outputName() {
    return this.network.outputName;
  }
  forward(x: tf.Tensor4D, taps: readonly number[]) {
    this.count(x, false);
    return this.network.forward(x, taps);
  }
}
