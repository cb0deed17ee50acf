/** How many test images a condition is measured on: AutoAttack's attacks may run on the first of them only. */
import { ATTACK_INFO, type AttackId, type Condition } from '../attacks/catalogue';

export interface TestCounts {
  /** Test images, from the first. */
  samples: number;
  /** Of those, from the first, the ones that AutoAttack's attacks run on; all where it isn't said. */
  autoattackSamples?: number;
}

/** Test images of AutoAttack in a ranked run, where a test split has as many. */
export const AUTOATTACK_SAMPLES = 1000;

export const isAutoAttack = (condition: string): boolean => ATTACK_INFO[condition as AttackId]?.onStanding ?? false;

/** Never more than `samples`. */
export const testCount = (condition: Condition | (string & {}), { samples, autoattackSamples = samples }: TestCounts): number =>
  isAutoAttack(condition) ? Math.min(samples, autoattackSamples) : samples;

/** Images that robust accuracy is of, where a run or a row keeps its counts beside it. */
export const robustCount = ({ samples, autoattackSamples }: { samples: number; autoattackSamples?: number | null }): number =>
  autoattackSamples ?? samples;

/** Images that all of the conditions were measured on: the first so many. */
export const sharedCount = (conditions: readonly string[], counts: TestCounts): number =>
  conditions.reduce((least, condition) => Math.min(least, testCount(condition, counts)), counts.samples);
