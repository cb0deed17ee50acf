/** A network with another end: its features, then a linear layer of one's own with two outputs. */
import * as tf from '@tensorflow/tfjs-core';
import { Failure } from '../failure';
import type { Classifier } from './classifier';
import { featureNode, type ModelGraph } from './graph';
import { Network } from './network';

/** The network up to its features, which are its output [batch, size]. The caller disposes. Refused where there are none. */
export function featureNetwork(graph: ModelGraph): Network {
  const feature = featureNode(graph);
  if (feature === undefined) throw new Failure('arguments', 'a network without a last Dense layer has no features to set another end on');
  return new Network({ ...graph, nodes: graph.nodes.slice(0, feature + 1), output: feature });
}

export interface Headed extends Classifier {
  dispose(): void;
}

/** Logits [0, w·h + b] of features h; the network stays the caller's. */
export function headed(features: Network, w: ArrayLike<number>, b: number): Headed {
  const size = w.length;
  const kernel = tf.tidy(() =>
    tf.keep(
      tf.tensor2d(
        Float32Array.from({ length: 2 * size }, (_, i) => (i % 2 === 1 ? w[i >> 1] : 0)),
        [size, 2],
      ),
    ),
  );
  const bias = tf.tidy(() => tf.keep(tf.tensor1d([0, b])));
  const ended = (h: tf.Tensor2D): tf.Tensor2D => tf.add(tf.matMul(h, kernel), bias);
  const logitsAndGradient: Classifier['logitsAndGradient'] = (x, labels, loss) =>
    tf.tidy(() => {
      const { logits: h, gradient } = features.logitsAndGradient(x, labels, (own, y) =>
        tf.matMul(loss(ended(own), y), kernel, false, true),
      );
      return { logits: ended(h), gradient };
    });
  return {
    inputShape: features.inputShape,
    classes: 2,
    logits: (x) => tf.tidy(() => ended(features.logits(x))),
    inputGradient: (x, labels, loss) => tf.tidy(() => logitsAndGradient(x, labels, loss).gradient),
    logitsAndGradient,
    dispose: () => tf.dispose([kernel, bias]),
  };
}
