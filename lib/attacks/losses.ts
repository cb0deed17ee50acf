/**
 * What AutoAttack's attacks climb, evaluated on the host in float64 from float32 logits, with the kernels of their gradients.
 * Croce & Hein, arXiv 2003.01690.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { differenceGrad, dlrGrad, dlrTargetedGrad } from '../engine/kernels/dlr-grad';
import { crossEntropyGrad, marginGrad } from '../engine/kernels/loss-grad';

export interface ClimbedLoss {
  /** z: the logits of one image; y its label; t the class aimed at, where there is one. */
  value(z: Float32Array, y: number, t: number): number;
  gradient(logits: tf.Tensor2D, labels: tf.Tensor1D, targets: tf.Tensor1D): tf.Tensor2D;
}

/** Keeps a division by equal logits finite. */
const TINY = 1e-12;

/** Largest of the logits but that of class y. */
function largestOther(z: Float32Array, y: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < z.length; c++) if (c !== y && z[c] > best) best = z[c];
  return best;
}

/** The class that the logits name: the first of equal largest ones. */
export function predicted(z: Float32Array): number {
  let best = 0;
  for (let c = 1; c < z.length; c++) if (z[c] > z[best]) best = c;
  return best;
}

/** z_y − max_{i≠y} z_i: Square's loss, which falls; below zero the image is misclassified. */
export const margin = (z: Float32Array, y: number): number => z[y] - largestOther(z, y);

/** −log softmax(z)_y, nats. */
export const crossEntropy: ClimbedLoss = {
  value(z, y) {
    let top = z[0];
    for (let c = 1; c < z.length; c++) if (z[c] > top) top = z[c];
    let sum = 0;
    for (let c = 0; c < z.length; c++) sum += Math.exp(z[c] - top);
    return top + Math.log(sum) - z[y];
  },
  gradient: crossEntropyGrad,
};

/** −(z_y − max_{i≠y} z_i)/(z_π₁ − z_π₃ + 10⁻¹²), π from the largest logit down; three classes or more. */
export const dlr: ClimbedLoss = {
  value(z, y) {
    const sorted = z.slice().sort(); // typed arrays sort by number, smallest first
    return -margin(z, y) / (sorted[z.length - 1] - sorted[z.length - 3] + TINY);
  },
  gradient: dlrGrad,
};

/** −(z_y − z_t)/(z_π₁ − (z_π₃ + z_π₄)/2 + 10⁻¹²); four classes or more. */
export const dlrTargeted: ClimbedLoss = {
  value(z, y, t) {
    const sorted = z.slice().sort();
    const last = z.length - 1;
    return -(z[y] - z[t]) / (sorted[last] - (sorted[last - 2] + sorted[last - 3]) / 2 + TINY);
  },
  gradient: dlrTargetedGrad,
};

/** max_{i≠y} z_i − z_y: what is left of DLR without its scale, for fewer than three classes. */
export const plainMargin: ClimbedLoss = { value: (z, y) => -margin(z, y), gradient: marginGrad };

/** z_t − z_y: what is left of targeted DLR without its scale, for fewer than four classes; FAB's boundary at 0. */
export const difference: ClimbedLoss = { value: (z, y, t) => z[t] - z[y], gradient: differenceGrad };

/** DLR divides by the distance to the third largest logit, targeted DLR by that to the mean of third and fourth. */
export const dlrFor = (classes: number): ClimbedLoss => (classes < 3 ? plainMargin : dlr);
export const dlrTargetedFor = (classes: number): ClimbedLoss => (classes < 4 ? difference : dlrTargeted);
