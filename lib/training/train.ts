/**
 * The loop of training: epochs of shuffled batches. For a seed, a backend and the same images it gives the same weights to
 * the last bit. It knows nothing of files: after every epoch the world is told, and may keep what the network is by then.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Threat } from '../attacks/attack';
import type { Records } from '../data/datasets';
import { Failure } from '../failure';
import { crossEntropySum, imageTensor } from './batches';
import type { TrainingMode } from './modes/mode';
import type { TrainableNetwork } from './network';
import { SCHEDULES, type ScheduleId } from './schedule';
import { Sgd, type SgdOptions } from './sgd';
import { epochOrder } from './shuffle';

export interface TrainingOptions extends SgdOptions {
  mode: TrainingMode;
  epochs: number;
  batch: number;
  /** Where the schedule begins. */
  learningRate: number;
  schedule: ScheduleId;
  seed: number;
  /** The board's, for modes that attack; its seed is that of training. */
  threat: Threat;
  /** Epochs, whole or not, in which radius and step of the attack grow linearly to the board's. */
  warmup: number;
  /** Goes on after so many epochs, with the momentum they left; the network is as they left it. */
  begun?: { epochs: number; velocities: readonly Float32Array[] };
}

export interface EpochResult {
  /** Counted from 1. */
  epoch: number;
  /** Mean of the loss that is minimised, in nats, and accuracy on the batches as they were trained on (perturbed, for AT). */
  loss: number;
  accuracy: number;
  /** Of test images, where somebody measured it. */
  testAccuracy?: number;
  /** Collapse of training images by condition, where somebody measured it. */
  collapse?: object;
}

export interface TrainingWorld {
  signal?: AbortSignal;
  /** Lets others have a turn; called between steps. */
  rest(): Promise<void>;
  onStep?(done: number, total: number, loss: number): void;
  /** The network is as the epoch left it; the momentum is what a later training needs to go on from there to the last bit. */
  onEpoch(result: EpochResult, velocities: () => Promise<Float32Array[]>): Promise<void>;
}

/** The board's threat as it stands at a step (counted from 0), where it is whole from step `rampSteps` on. */
const rampedThreat = (threat: Threat, step: number, rampSteps: number): Threat => {
  const share = step < rampSteps ? step / rampSteps : 1;
  return { ...threat, epsilon: threat.epsilon * share, alpha: threat.alpha * share };
};

/** Trains in place; ends with a failure when the loss is no longer a finite number, or when it is stopped. */
export async function train(network: TrainableNetwork, data: Records, options: TrainingOptions, world: TrainingWorld): Promise<void> {
  const { mode, epochs, batch, learningRate, seed, warmup } = options;
  const count = data.labels.length;
  const perEpoch = Math.ceil(count / batch);
  const rateAt = SCHEDULES[options.schedule];
  const sgd = new Sgd(network.parameters, options);
  try {
    if (options.begun) sgd.restore(options.begun.velocities);
    for (let epoch = options.begun?.epochs ?? 0; epoch < epochs; epoch++) {
      const order = epochOrder(seed, epoch, count);
      let [loss, correct] = [0, 0];
      for (let k = 0; k < perEpoch; k++) {
        await world.rest();
        if (world.signal?.aborted) throw new Failure('stopped', 'stopped');
        const step = epoch * perEpoch + k;
        const indices = order.subarray(k * batch, (k + 1) * batch);
        const x0 = imageTensor(data, indices, network.inputShape);
        const labels = Int32Array.from(indices, (index) => data.labels[index]);
        const samples = Int32Array.from(indices);
        const threat = rampedThreat(options.threat, step, warmup * perEpoch);
        const targets = tf.tensor1d(Float32Array.from(labels), 'float32');
        const { logits, gradients, penalty } = mode.gradients(network, { x0, labels, samples, split: 'train' }, targets, threat, step);
        const values = (await logits.data()) as Float32Array;
        const sums = crossEntropySum(values, labels);
        if (penalty) sums.loss += (await penalty.data())[0] * labels.length;
        if (Number.isFinite(sums.loss)) sgd.step(gradients, learningRate * rateAt(step / (epochs * perEpoch)));
        tf.dispose([x0, targets, logits, ...gradients, ...(penalty ? [penalty] : [])]);
        if (!Number.isFinite(sums.loss))
          throw new Failure('diverged', `the loss was not a finite number in epoch ${epoch + 1}, step ${k + 1}`);
        loss += sums.loss;
        correct += sums.correct;
        world.onStep?.(step + 1, epochs * perEpoch, sums.loss / labels.length);
      }
      await world.onEpoch({ epoch: epoch + 1, loss: loss / count, accuracy: correct / count }, () => sgd.velocityValues());
    }
  } finally {
    sgd.dispose();
  }
}
