/**
 * TRADES (Zhang et al., arXiv 1901.08573): L = CE(x) + β·KL(p(x) ‖ p(x′)), batch mean, β = 6. x′ ascends the KL from
 * x + 0.001·n in the board's steps (L∞: along the sign; L2: along the unit gradient), on the network in inference mode. The gradient goes through both p(x) and p(x′).
 *
 * `trades` takes the weight step in training mode, as its authors do. (They pass x twice, so their moving averages see it
 * twice a step; ours see x and x′ once each.) `trades-as-published` is what the code of arXiv 2311.07444 does: nothing
 * switches back from inference mode, so batch norms stay at mean 0 and variance 1 throughout.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { AttackBatch, Threat } from '../../attacks/attack';
import type { Classifier } from '../../model/classifier';
import { standardNormal, TAG } from '../../random';
import type { Mode } from '../layer';
import { meanCrossEntropyGrad } from './mean-cross-entropy';
import type { TrainingMode } from './mode';

/** β of the paper. */
export const TRADES_WEIGHT = 6;
/** Deviation of the start from the image. */
const START = 0.001;

const logSoftmax = (z: tf.Tensor2D) => tf.tidy(() => tf.sub(z, tf.logSumExp(z, 1, true)) as tf.Tensor2D);

/** KL(p ‖ p′) per image, [batch], in nats. */
export const kullbackLeibler = (z: tf.Tensor2D, moved: tf.Tensor2D): tf.Tensor1D =>
  tf.tidy(() => {
    const own = logSoftmax(z);
    return tf.sum(tf.mul(tf.exp(own), tf.sub(own, logSoftmax(moved))), 1) as tf.Tensor1D;
  });

/** d/dz of KL(p ‖ p′) per image, [batch, classes]: p·(ln p − ln p′ − KL). */
export const klGradClean = (z: tf.Tensor2D, moved: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() => {
    const [own, other] = [logSoftmax(z), logSoftmax(moved)];
    const p = tf.exp(own);
    const ratio = tf.sub(own, other);
    return tf.mul(p, tf.sub(ratio, tf.sum(tf.mul(p, ratio), 1, true))) as tf.Tensor2D;
  });

/** d/dz′ of KL(p ‖ p′) per image: p′ − p. */
export const klGradMoved = (z: tf.Tensor2D, moved: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() => tf.sub(tf.exp(logSoftmax(moved)), tf.exp(logSoftmax(z))) as tf.Tensor2D);

/** x′ [batch, height, width, channels]; the caller disposes. */
export function tradesPoint(classifier: Classifier, batch: AttackBatch, threat: Threat, step: number): tf.Tensor4D {
  const { x0, samples, split } = batch;
  const size = x0.size / x0.shape[0];
  const start = new Float32Array(x0.size);
  samples.forEach((sample, n) => {
    const stream = { seed: threat.seed, tag: TAG.tradesStart, sample, split, restart: step };
    start.set(
      standardNormal(stream, size).map((v) => v * START),
      n * size,
    );
  });
  return tf.tidy(() => {
    const clean = classifier.logits(x0);
    const labels = tf.tensor1d(Float32Array.from(batch.labels), 'float32');
    const ascend = (moved: tf.Tensor2D) => klGradMoved(clean, moved);
    let delta = tf.tensor4d(start, x0.shape);
    for (let i = 0; i < threat.steps; i++) {
      const from = delta;
      delta = tf.tidy(() => {
        const gradient = classifier.inputGradient(tf.add(x0, from), labels, ascend);
        return threat.norm.step(from, gradient, x0, threat.alpha, threat.epsilon);
      });
      from.dispose();
    }
    return tf.add(x0, delta) as tf.Tensor4D;
  });
}

const tradesIn = (stepMode: Mode, names: Pick<TrainingMode, 'id' | 'title'>): TrainingMode => ({
  ...names,
  recipe: 'TRADES',
  gradients(network, batch, labels, threat, step) {
    const x = tradesPoint(network.classifier('inference'), batch, threat, step);
    const loss = ([z, moved]: readonly tf.Tensor2D[]) => {
      const share = TRADES_WEIGHT / z.shape[0];
      const own = tf.add(meanCrossEntropyGrad(z, labels), tf.mul(klGradClean(z, moved), share));
      return [own as tf.Tensor2D, tf.mul(klGradMoved(z, moved), share) as tf.Tensor2D];
    };
    const { logits, gradients } = network.jointGradients([batch.x0, x], loss, stepMode);
    const penalty = tf.tidy(() => tf.mul(tf.mean(kullbackLeibler(logits[0], logits[1])), TRADES_WEIGHT) as tf.Scalar);
    tf.dispose([x, logits[1]]);
    return { logits: logits[0], gradients, penalty };
  },
});

export const trades = tradesIn('step', { id: 'trades', title: 'TRADES' });
export const tradesAsPublished = tradesIn('inference', { id: 'trades-as-published', title: 'TRADES in inference mode, as published' });
