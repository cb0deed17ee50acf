/**
 * Passes through a classifier for images that live on the host. Refuses what is not a number by name: a clip or a comparison
 * would hide it, in favour of the model.
 */
import * as tf from '@tensorflow/tfjs-core';
import { Failure } from '../failure';
import type { Classifier } from '../model/classifier';
import type { ClimbedLoss } from './losses';

/** Some images: pixels, flat, and for each its label, the class aimed at, and its record index. */
export interface Passing {
  x: Float32Array;
  labels: ArrayLike<number>;
  targets: ArrayLike<number>;
  samples: ArrayLike<number>;
}

export class Passes {
  constructor(
    readonly classifier: Classifier,
    /** Named in refusals. */
    private readonly attack: string,
  ) {}

  get classes(): number {
    return this.classifier.classes;
  }

  /** Logits, [count × classes]. One forward pass an image. */
  async logits({ x, samples }: Pick<Passing, 'x' | 'samples'>): Promise<Float32Array> {
    const logits = tf.tidy(() => this.classifier.logits(this.images(x, samples.length)));
    const values = (await logits.data()) as Float32Array;
    logits.dispose();
    this.refuseOutputs(values, samples);
    return values;
  }

  /** Logits and d loss/d pixel, [count × size]. One forward and one backward pass an image. */
  async gradient({ x, labels, targets, samples }: Passing, loss: ClimbedLoss): Promise<{ logits: Float32Array; gradient: Float32Array }> {
    const out = tf.tidy(() => {
      const [y, t] = [labels, targets].map((classes) => tf.tensor1d(Float32Array.from(classes), 'float32'));
      return this.classifier.logitsAndGradient(this.images(x, samples.length), y, (z, classes) => loss.gradient(z, classes, t));
    });
    const [logits, gradient] = (await Promise.all([out.logits.data(), out.gradient.data()])) as Float32Array[];
    tf.dispose([out.logits, out.gradient]);
    this.refuseOutputs(logits, samples);
    const size = gradient.length / samples.length;
    const bad = gradient.findIndex((g) => !Number.isFinite(g));
    if (bad >= 0) {
      const what = Number.isNaN(gradient[bad]) ? 'not a number' : 'infinite';
      throw this.failure(`the gradient at sample ${samples[Math.floor(bad / size)]} is ${what}; the model cannot be attacked`);
    }
    return { logits, gradient };
  }

  private images(x: Float32Array, count: number): tf.Tensor4D {
    return tf.tensor4d(x, [count, ...this.classifier.inputShape]);
  }

  private refuseOutputs(logits: Float32Array, samples: ArrayLike<number>): void {
    const bad = logits.findIndex((z) => !Number.isFinite(z));
    if (bad < 0) return;
    const { classes } = this;
    const where = `sample ${samples[Math.floor(bad / classes)]}: the network's output ${bad % classes} is ${logits[bad]} under attack`;
    throw this.failure(`${where}; outputs must be finite`);
  }

  private failure(what: string): Failure {
    return new Failure('computation-failed', `${this.attack}: ${what}`);
  }
}
