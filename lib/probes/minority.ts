/**
 * Minority collapse, after Fang, He, Long & Su, the layer-peeled model (arXiv 2101.12699): after training on classes of unequal size the
 * classifiers of the rare ones grow together, cos(w_a, w_b) → 1; balanced, all cosines are −1/(C − 1). Measured for any set of classes:
 *
 *   mean of cos(w_a, w_b) over pairs a ≠ b inside the set, the same outside it, and both for the class means m_c = μ_c − (1/C) Σ μ_c.
 *
 * Rows w_c of the last kernel are not centred, as in the paper. Range −1 … 1; null for fewer than two directions in a set. Float64.
 */

import { ClassStats, classMeans } from '../collapse/class-stats';
import { weightRows } from '../collapse/nc';
import { average } from '../collapse/simplex';
import { type Answer, none, rowCosine } from './answer';
import type { Features, Head } from './feature-data';

export interface Inside {
  minority: number | null;
  majority: number | null;
}

export interface Minority {
  /** The classes that were asked about. */
  classes: number[];
  weights: Inside;
  means: Inside;
  /** −1/(C − 1): of every pair in a simplex. */
  simplex: number;
}

/** The second half of the classes, whose images a training on unequal numbers would thin out. */
export const secondHalf = (classes: number) => Array.from({ length: Math.floor(classes / 2) }, (_, i) => Math.ceil(classes / 2) + i);

export function minorityCollapse(head: Head, train: Features, minority: readonly number[] = secondHalf(head.classes)): Answer<Minority> {
  const { dim, classes } = head;
  const rest = Array.from({ length: classes }, (_, c) => c).filter((c) => !minority.includes(c));
  if (minority.length < 2 || rest.length < 2)
    return none(`there are ${minority.length} classes inside the set and ${rest.length} outside it; two on each side make a pair`);
  const stats = new ClassStats(classes, dim);
  stats.add(train.features, train.labels);
  const rows = [weightRows(head.kernel, dim, classes), balanced(classMeans(stats))];
  const [weights, means] = rows.map((r) => ({ minority: meanCosine(r, dim, minority), majority: meanCosine(r, dim, rest) }));
  return { result: { classes: [...minority], weights, means, simplex: -1 / (classes - 1) } };
}

/** m_c, centred so that a class's size says nothing; zero for a class without images, which has no direction. */
export function balanced({ classes, dim, counts, means }: ReturnType<typeof classMeans>): Float64Array {
  const present = counts.reduce((n, c) => n + (c > 0 ? 1 : 0), 0);
  const centre = new Float64Array(dim);
  for (let i = 0; i < means.length; i++) centre[i % dim] += means[i] / present;
  return means.map((x, i) => (counts[Math.floor(i / dim)] > 0 ? x - centre[i % dim] : 0)).subarray(0, classes * dim);
}

function meanCosine(rows: Float64Array, dim: number, set: readonly number[]): number | null {
  return average(set.flatMap((a, i) => set.slice(0, i).map((b) => rowCosine(rows, a, rows, b, dim))));
}
