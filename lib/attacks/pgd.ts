/**
 * Projected gradient ascent with a random start (Madry et al., arXiv 1706.06083), as the paper runs it: the last iterate
 * is returned, whatever it achieved.
 */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyGrad, marginGrad } from '../engine/kernels/loss-grad';
import { sampleNorms } from '../engine/kernels/sample-norms';
import type { LogitLossGradient } from '../model/classifier';
import { type Attack, type AttackBatch, nextClass, type Threat } from './attack';
import { ATTACK_INFO } from './catalogue';

interface PgdOptions {
  id: string;
  title: string;
  loss: LogitLossGradient;
  /** Descend the loss of class (y+1) mod C instead of ascending that of y. */
  targeted?: boolean;
}

/** δ₀ of a batch, clipped so that x₀ + δ₀ is an image. */
function startingPoint({ x0, samples, split }: AttackBatch, threat: Threat, restart: number, targeted: boolean): tf.Tensor4D {
  const size = x0.size / x0.shape[0];
  const all = new Float32Array(x0.size);
  if (threat.fromImage) return tf.tensor4d(all, x0.shape);
  samples.forEach((sample, n) => {
    all.set(threat.norm.start({ seed: threat.seed, split, restart, targeted }, sample, size, threat.epsilon), n * size);
  });
  return tf.tidy(() => {
    const delta = tf.tensor4d(all, x0.shape);
    return tf.minimum(tf.maximum(delta, tf.neg(x0)), tf.sub(1, x0)) as tf.Tensor4D;
  });
}

export function pgd({ id, title, loss, targeted = false }: PgdOptions): Attack {
  return {
    id,
    title,
    bounded: true,
    targeted,
    onStanding: false,
    run(classifier, batch, threat, restart) {
      const { x0 } = batch;
      const goal = targeted ? nextClass(batch.labels, classifier.classes) : batch.labels;
      const labels = tf.tensor1d(Float32Array.from(goal), 'float32');
      const alpha = targeted ? -threat.alpha : threat.alpha;
      let startGradient: tf.Tensor1D | undefined;
      let delta = startingPoint(batch, threat, restart, targeted);
      for (let i = 0; i < threat.steps; i++) {
        const next = tf.tidy(() => {
          const grad = classifier.inputGradient(tf.add(x0, delta), labels, loss);
          if (i === 0) startGradient = tf.keep(sampleNorms(grad, 'linf'));
          return threat.norm.step(delta, grad, x0, alpha, threat.epsilon);
        });
        delta.dispose();
        delta = next;
      }
      const x = tf.add(x0, delta) as tf.Tensor4D;
      tf.dispose([delta, labels]);
      return { x, startGradient };
    },
  };
}

export const pgd10 = pgd({ ...ATTACK_INFO['pgd-10'], loss: crossEntropyGrad });
export const pgdMargin = pgd({ ...ATTACK_INFO['pgd-margin'], loss: marginGrad });
export const targeted = pgd({ ...ATTACK_INFO.targeted, loss: crossEntropyGrad });
