/**
 * A chain of layers in training. To an attack it is a {@link Classifier} like any other, in whichever mode it is given;
 * to the optimiser it gives the gradients of its parameters.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier, LogitLossGradient } from '../model/classifier';
import type { Mode, Parameter, Pass, TrainableLayer } from './layer';

export interface Gradients {
  /** [batch, classes]; the caller disposes. */
  logits: tf.Tensor2D;
  /** One for each of the network's parameters, in their order; the caller disposes. */
  gradients: tf.Tensor[];
  /** What the mode's mean loss has beside the cross-entropy of `logits`, in nats; the caller disposes. */
  penalty?: tf.Scalar;
}

export class TrainableNetwork {
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  readonly parameters: readonly Parameter[];

  constructor(
    readonly name: string,
    inputShape: readonly [number, number, number],
    readonly layers: readonly TrainableLayer[],
  ) {
    this.inputShape = inputShape;
    this.classes = layers[layers.length - 1].shape[0];
    this.parameters = layers.flatMap((l) => l.parameters);
  }

  /** The network as an attack sees it, in one mode. */
  classifier(mode: 'batch' | 'inference'): Classifier {
    const logitsAndGradient: Classifier['logitsAndGradient'] = (x, labels, loss) =>
      tf.tidy(() => {
        const { passes, logits } = this.passes(x, mode);
        const gradient = passes.reduceRight((dy, pass) => pass.toInput(dy), loss(logits, labels) as tf.Tensor) as tf.Tensor4D;
        return { logits, gradient };
      });
    return {
      inputShape: this.inputShape,
      classes: this.classes,
      logits: (x) => tf.tidy(() => this.passes(x, mode).logits),
      inputGradient: (x, labels, loss) => tf.tidy(() => logitsAndGradient(x, labels, loss).gradient),
      logitsAndGradient,
    };
  }

  /** Gradients of a loss, whose own gradient at the logits is given, with respect to every parameter. */
  gradients(x: tf.Tensor4D, labels: tf.Tensor1D, loss: LogitLossGradient, mode: Mode = 'step'): Gradients {
    const { logits, gradients } = this.jointGradients([x], ([z]) => [loss(z, labels)], mode);
    return { logits: logits[0], gradients };
  }

  /**
   * The same for a loss of several batches' logits at once: `loss` gives its gradient at each. The batches pass one after
   * the other, each with statistics of its own. The caller disposes.
   */
  jointGradients(
    batches: readonly tf.Tensor4D[],
    loss: (logits: readonly tf.Tensor2D[]) => tf.Tensor2D[],
    mode: Mode = 'step',
  ): { logits: tf.Tensor2D[]; gradients: tf.Tensor[] } {
    const logits: tf.Tensor2D[] = [];
    const gradients = tf.tidy(() => {
      const runs = batches.map((x) => this.passes(x, mode));
      logits.push(...runs.map((run) => tf.keep(run.logits)));
      const slopes = loss(logits);
      const found = runs.map((run, i) => this.backward(run.passes, slopes[i]));
      return found.reduce((sum, one) => sum.map((g, i) => tf.add(g, one[i])));
    });
    return { logits, gradients };
  }

  dispose(): void {
    for (const layer of this.layers) layer.dispose();
  }

  private passes(x: tf.Tensor4D, mode: Mode): { passes: Pass[]; logits: tf.Tensor2D } {
    const passes: Pass[] = [];
    let value: tf.Tensor = x;
    for (const layer of this.layers) {
      const pass = layer.forward(value, mode);
      passes.push(pass);
      value = pass.y;
    }
    return { passes, logits: value as tf.Tensor2D };
  }

  /** Gradients of the parameters from the passes and the gradient at the logits. */
  private backward(passes: readonly Pass[], slope: tf.Tensor2D): tf.Tensor[] {
    const first = this.layers.findIndex((l) => l.parameters.length > 0);
    let dy: tf.Tensor = slope;
    const found: tf.Tensor[][] = [];
    for (let i = this.layers.length - 1; i >= first; i--) {
      found.unshift(passes[i].toParameters(dy));
      if (i > first) dy = passes[i].toInput(dy);
    }
    return found.flat();
  }
}
