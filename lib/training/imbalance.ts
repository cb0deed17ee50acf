/**
 * An imbalanced training set: the first half of the classes keep all of their images, the second half a share of theirs.
 * As that share falls, the classifiers of the minority draw together until they are one (minority collapse, Fang et al.,
 * arXiv 2101.12699).
 */
import type { Records } from '../data/datasets';

export interface ImbalanceOptions {
  classes: number;
  /** Share of each minority class's images that stay, above 0 to 1. */
  share: number;
}

export interface Imbalanced {
  records: Records;
  /** Numbers of the kept records among those given, ascending. */
  kept: Uint32Array;
}

/** Classes ⌈classes/2⌉ … classes − 1. */
export const isMinority = (label: number, classes: number) => label >= Math.ceil(classes / 2);

/** The first max(1, round(share·n)) of the n images of each minority class, and all others, in the order of the file. */
export function imbalanced({ images, labels }: Records, { classes, share }: ImbalanceOptions): Imbalanced {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]++;
  const left = counts.map((n, label) => (isMinority(label, classes) ? Math.max(1, Math.round(share * n)) : n));
  const kept: number[] = [];
  labels.forEach((label, i) => {
    if (left[label] === 0) return;
    left[label]--;
    kept.push(i);
  });
  const size = images.length / labels.length;
  const records = { images: new Uint8Array(kept.length * size), labels: Uint8Array.from(kept, (i) => labels[i]) };
  kept.forEach((i, n) => {
    records.images.set(images.subarray(i * size, (i + 1) * size), n * size);
  });
  return { records, kept: Uint32Array.from(kept) };
}
