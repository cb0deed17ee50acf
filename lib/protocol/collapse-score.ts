/**
 * The collapse score: NC1…NC4 as one number, 0 (no trace of a simplex) … 100 (perfect collapse), one map for clean data
 * and one, with constants of its own, for pgd-10; the two are not to be compared with each other. Each component is
 * 100·half/(half + value): 100 at 0, 50 at its half, strictly falling, 0 at infinity. The score is their plain mean.
 *
 * Halves: geometric means, rounded, of what the reference models with a simplex and without one show on 2 000 training
 * images (lib/testing/reference.ts): fmnist_st and cifar_st (standard training) on the one side, fmnist_at (adversarial
 * training, stopped early) on the other. NC4 is 0 for the former on clean data, so there it is half of fmnist_at's.
 * NC1's half is in units of (C−1)²: scatter σ² about the corners of a simplex of radius r gives NC1 = (C−1)²·σ²/r².
 *
 * Losing a direction of the means lowers NC1 without any more collapse, and a simplex of C classes needs C − 1 of them.
 * So below that rank NC1 counts for nothing, whatever its value: the score can't gain by it, and never exceeds 75.
 */
import type { Collapse } from '../collapse/nc';

export const COLLAPSE_SCORE_VERSION = 1;
export const COLLAPSE_SCORE_DATA = ['clean', 'pgd-10'] as const;
export type CollapseScoreData = (typeof COLLAPSE_SCORE_DATA)[number];
export type CollapseComponentId = 'nc1' | 'nc2' | 'nc3' | 'nc4';

/** The value at which a component gives 50 points; nc1 in units of (C − 1)². */
export const COLLAPSE_HALVES: Record<CollapseScoreData, Record<CollapseComponentId, number>> = {
  clean: { nc1: 0.1, nc2: 0.16, nc3: 0.2, nc4: 0.05 },
  'pgd-10': { nc1: 1, nc2: 0.2, nc3: 0.9, nc4: 0.35 },
};

export interface CollapseComponent {
  id: CollapseComponentId;
  value: number;
  half: number;
  /** 0 … 100 */
  points: number;
}

export interface CollapseScore {
  version: typeof COLLAPSE_SCORE_VERSION;
  data: CollapseScoreData;
  /** 0 … 100 */
  score: number;
  components: CollapseComponent[];
  /** Directions missing to C − 1; above 0, NC1 has no points, and the row has to say so. */
  lostDirections: number;
}

/** NC2 is the mean of its four numbers: norms and angles, of the class means and of the last layer's weights. */
const nc2 = (v: Collapse) => mean([v.nc2NormMeans, v.nc2NormWeights, v.nc2AngleMeans, v.nc2AngleWeights]);

/** Null where a metric is missing, or is no metric (all are at least 0). */
export function collapseScore(values: Collapse, classes: number, data: CollapseScoreData): CollapseScore | null {
  const halves = COLLAPSE_HALVES[data];
  const lostDirections = Math.max(0, classes - 1 - values.rank);
  const component = (id: CollapseComponentId, value: number | null, half: number): CollapseComponent | null => {
    if (value === null || !(value >= 0)) return null;
    const lost = id === 'nc1' && lostDirections > 0;
    return { id, value, half, points: lost ? 0 : (100 * half) / (half + value) };
  };
  const components = [
    component('nc1', values.nc1, halves.nc1 * (classes - 1) ** 2),
    component('nc2', nc2(values), halves.nc2),
    component('nc3', values.nc3, halves.nc3),
    component('nc4', values.nc4, halves.nc4),
  ].filter((c) => c !== null);
  const score = components.length < 4 ? null : mean(components.map((c) => c.points));
  return score === null ? null : { version: COLLAPSE_SCORE_VERSION, data, score, components, lostDirections };
}

/** Null if any is missing or below 0. */
function mean(values: (number | null)[]): number | null {
  let sum = 0;
  for (const v of values) {
    if (v === null || !(v >= 0)) return null;
    sum += v;
  }
  return sum / values.length;
}
