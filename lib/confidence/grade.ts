/** One letter for how far a robust accuracy has been checked. */
import { CHECKS, CONFIDENCE_CHECK_IDS, type ConfidenceCheckId, GRADES, type Grade } from './catalogue';
import { passingOf } from './threshold';

/** Of the rule below; raised whenever the same checks would get another letter. */
export const GRADE_RULE = 2;

/** A check on fewer images is not enough for a grade. */
export const GRADE_SAMPLES = 256;

export interface Checked {
  id: string;
  value: number | null;
  raised: boolean;
  samples?: number;
}

/** In words, for a reader who asks where a letter comes from. */
export const GRADE_MEANINGS: Readonly<Record<Grade, string>> = {
  A: 'Every check of robust accuracy was passed.',
  B: 'Passed: the checks for D and C, and Square found nothing that AutoAttack’s gradient attacks had missed.',
  C: 'Passed: the checks for D, and those that change the attack or the images.',
  D: 'Passed: gradients are not zero, outputs are logits, no layer is a threshold.',
  E: `The checks for D were not all passed on ${GRADE_SAMPLES} images or more.`,
};

export const GRADE_RULE_WORDS = `A grade counts checks that were passed on at least ${GRADE_SAMPLES} images, and nothing else. A check that was not run counts like one that was raised, so leaving one out never helps; nor does one pass that is above its limit by no more than chance explains.`;

/** What a check says of the graph alone has no images. */
const passed = ({ id, value, raised, samples }: Checked & { id: ConfidenceCheckId }) =>
  value !== null && !raised && (samples === undefined || samples >= GRADE_SAMPLES) && value <= passingOf(id, { samples });

/**
 * The best letter for which all of its checks, and those of every letter below it, were passed. A function of the set of passed
 * checks that only grows with it. Null where no attack ran that counts into robust accuracy: there is nothing to grade.
 */
export function gradeOf(checks: readonly Checked[], attacked: boolean): Grade | null {
  if (!attacked) return null;
  const isPassed = (id: ConfidenceCheckId) => checks.some((check) => check.id === id && passed({ ...check, id }));
  let best: Grade = 'E';
  for (const grade of [...GRADES].reverse().filter((g) => g !== 'E')) {
    if (!CONFIDENCE_CHECK_IDS.filter((id) => CHECKS[id].grade === grade).every(isPassed)) break;
    best = grade;
  }
  return best;
}
