/** A way of training: what a network's weights learn from one batch. One file each; the list is in index.ts. */
import type * as tf from '@tensorflow/tfjs-core';
import type { AttackBatch, Threat } from '../../attacks/attack';
import type { Gradients, TrainableNetwork } from '../network';

export interface TrainingMode {
  id: string;
  /** As the board names it. */
  recipe: 'ST' | 'AT' | 'TRADES';
  title: string;
  /** Gradients of the batch's *mean* loss, with the network's batch norms in the mode that this way of training uses. */
  gradients(network: TrainableNetwork, batch: AttackBatch, labels: tf.Tensor1D, threat: Threat, step: number): Gradients;
}
