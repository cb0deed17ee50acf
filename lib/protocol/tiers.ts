/**
 * Tiers: rows that the samples can't tell apart share one. The best row leads tier 1; a following row shares the tier as
 * long as its exact McNemar p against the tier's *leader* is at least 0.05; the first that differs leads the next tier.
 * Each row is tested once, against one leader, without a correction for the number of rows.
 */
import { type Bitmap, mcnemar } from './mcnemar';

export const TIER_SIGNIFICANCE = 0.05;

/**
 * Tier numbers, from 1, of rows sorted by score, best first; rows of equal score keep the caller's order. Two rows are
 * compared on the samples that both have (the common prefix). A row without evidence has no tier.
 */
export function tiers(rows: readonly (Bitmap | null)[]): (number | null)[] {
  let leader: Bitmap | undefined;
  let tier = 0;
  return rows.map((row) => {
    if (!row || row.samples === 0) return null;
    if (!leader || mcnemar(leader, row).p < TIER_SIGNIFICANCE) {
      leader = row;
      tier++;
    }
    return tier;
  });
}
