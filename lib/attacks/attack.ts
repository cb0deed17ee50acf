/**
 * What an attack is: from a batch of images and a classifier to perturbed images. It may believe what it likes about its
 * own success; the harness clips and measures again (protocol/measure.ts).
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from '../model/classifier';
import type { Split } from '../random';
import type { AttackInfo } from './catalogue';
import type { Norm } from './norms';

export interface AttackBatch {
  /** [batch, height, width, channels] in [0, 1] */
  x0: tf.Tensor4D;
  labels: Int32Array;
  /** Record index of each image within its split; names its random stream. */
  samples: Int32Array;
  split: Split;
}

/** What the board and the run fix for every attack. */
export interface Threat {
  norm: Norm;
  epsilon: number;
  alpha: number;
  steps: number;
  seed: number;
  /** PGD begins at the image itself; at random by default. */
  fromImage?: boolean;
}

export interface AttackResult {
  /** Perturbed images; the caller disposes. */
  x: tf.Tensor4D;
  /** Largest absolute entry of the loss gradient at the starting point, [batch]; the caller disposes. */
  startGradient?: tf.Tensor1D;
}

export interface Attack extends AttackInfo {
  run(classifier: Classifier, batch: AttackBatch, threat: Threat, restart: number): AttackResult;
}

/** The class after the true one: (y + 1) mod C. */
export const nextClass = (labels: ArrayLike<number>, classes: number) => Int32Array.from(labels, (y) => (y + 1) % classes);
