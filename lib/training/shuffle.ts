/** The order of an epoch: a Fisher–Yates shuffle by Philox, the same for a seed and an epoch. */
import { bits, TAG } from '../random';

/** 0 … count − 1 in the order of that epoch (counted from 0). The bias of a remainder of 32 bits is below 2⁻⁸ of a place. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const words = bits({ seed, tag: TAG.shuffle, sample: epoch, split: 'train' }, count);
  for (let i = count - 1; i > 0; i--) {
    const j = words[i] % (i + 1);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}
