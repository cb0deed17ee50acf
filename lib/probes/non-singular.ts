/**
 * Non-singular robustness, after Tsai, Hsu, Yu & Chen (arXiv 2102.11935): accuracy where image and weights are attacked together, beside
 * that under an attack on the image alone. The attack is lib/attacks/joint.ts: ‖δ‖ ≤ ε, and ‖Δ_l‖_F ≤ γ‖W_l‖_F for every kernel. Range of
 * each accuracy 0 … 1. The paper bounds weights in L∞ and trains against it; here a finished model is only attacked.
 */
import { type Answer, none } from './answer';

export interface NonSingular {
  images: number;
  /** Weights' radius, as a share of each kernel's length. */
  gamma: number;
  /** Shares of images that are named rightly. */
  clean: number;
  pgd: number;
  joint: number;
}

/** Predictions on the same images in the same order. */
export function nonSingular(
  labels: ArrayLike<number>,
  predictions: Readonly<Record<'clean' | 'pgd' | 'joint', ArrayLike<number>>>,
  gamma: number,
): Answer<NonSingular> {
  const images = labels.length;
  if (images === 0) return none('there are no test images');
  return {
    result: {
      ...{ images, gamma },
      ...{ clean: accuracy(labels, predictions.clean), pgd: accuracy(labels, predictions.pgd), joint: accuracy(labels, predictions.joint) },
    },
  };
}

/** Share of equal entries. */
export function accuracy(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === predictions[i]) right++;
  return right / labels.length;
}
