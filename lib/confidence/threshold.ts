/** Where a check is raised, and where it is passed, on the count of images that it is of. */
import { CHECKS, type CheckInfo, type ConfidenceCheckId } from './catalogue';
import { mostApartByChance, mostByChance } from './chance';

/** `differ`: of a difference of two conditions, images on which they differ. */
export interface Count {
  samples?: number;
  differ?: number;
}

const infoOf = (id: ConfidenceCheckId): CheckInfo => CHECKS[id];
/** Never a single image: at the boundary it may fall to either of two equally good attacks. */
const orOne = (threshold: number, samples: number) => Math.max(threshold, 1 / samples);

/** A value above it is raised: beyond what chance explains, where chance is allowed for. */
export function thresholdOf(id: ConfidenceCheckId, { samples = 0, differ = samples }: Count): number {
  const { threshold, chance } = infoOf(id);
  if (!chance || samples === 0) return threshold;
  if (chance === 'one') return orOne(threshold, samples);
  return (chance === 'share' ? mostByChance(threshold, samples) : mostApartByChance(threshold, samples, differ)) / samples;
}

/**
 * A value above it is not passed for a grade, raised or not: few images allow for much, and a grade must not be better for having looked
 * at few.
 */
export function passingOf(id: ConfidenceCheckId, { samples = 0 }: Count): number {
  const { threshold, chance } = infoOf(id);
  return !chance || samples === 0 ? threshold : orOne(threshold, samples);
}
