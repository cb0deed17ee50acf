/** Where perturbed examples land among the clean class means: near their own still, or leapt to another's. */
import type { ClassMeans } from './class-stats';
import { nearestMeans } from './within-class';

export interface Leaps {
  samples: number;
  /** Samples whose nearest clean class mean (Euclidean, uncentred) is still that of their own class. */
  stay: number;
  /** Nearest to the mean of class (y + 1) mod C, where the targeted attack sends them. */
  next: number;
  /** The commonest leap from one class to another; of equal ones the first. Null where nothing leapt. */
  commonest: { from: number; to: number; samples: number } | null;
}

/** features: [labels.length × dim] row-major. Classes without clean samples have no mean to land on. */
export function leaps(features: Float32Array, labels: ArrayLike<number>, { classes, dim, counts, means }: ClassMeans): Leaps {
  const present = Array.from({ length: classes }, (_, c) => c).filter((c) => counts[c] > 0);
  const rows = new Float64Array(present.length * dim);
  present.forEach((c, k) => {
    rows.set(means.subarray(c * dim, (c + 1) * dim), k * dim);
  });
  const nearest = nearestMeans(features, labels.length, { classes: present.length, dim, means: rows });
  const table = new Map<number, number>();
  let [stay, next] = [0, 0];
  for (let n = 0; n < labels.length; n++) {
    const to = present[nearest[n]];
    if (to === labels[n]) stay++;
    else table.set(labels[n] * classes + to, (table.get(labels[n] * classes + to) ?? 0) + 1);
    if (to === (labels[n] + 1) % classes) next++;
  }
  const [first] = [...table].sort(([p, x], [q, y]) => y - x || p - q);
  const commonest = first ? { from: Math.floor(first[0] / classes), to: first[0] % classes, samples: first[1] } : null;
  return { samples: labels.length, stay, next, commonest };
}
