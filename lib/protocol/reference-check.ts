/**
 * Every runner measures three pinned models once a day, with the seed that everybody knows, and is held against reports
 * that are part of this code: a machine whose numbers drift is found before it judges anything.
 */
import { agreement } from './agreement';
import type { Report } from './report';

export interface Reference {
  /** Of the models that come with the site; its pinned report is db/references/MODEL.json. */
  model: string;
  board: string;
}

export const REFERENCES: readonly Reference[] = [
  { model: 'glyphs_st', board: 'glyphs/linf' },
  { model: 'fmnist_st', board: 'fashion-mnist/linf' },
  { model: 'fmnist_at', board: 'fashion-mnist/linf' },
];

/** A minute on a small machine, and enough for a flip rate of 0.1 % to be seen. */
export const REFERENCE_COUNTS = { samples: 1000, trainSamples: 2000 } as const;

export interface ReferenceOutcome {
  /** Within the bands of `agreement`. */
  held: boolean;
  /** Outcomes under an attack that were compared, and those that differ. */
  outcomes: number;
  flips: number;
  /** Largest relative difference of a collapse value on clean data, and on attacked or noisy data; null where none was compared. */
  cleanCollapse: number | null;
  otherCollapse: number | null;
  /** What is beyond its band, by the names of `agreement`; or why nothing could be compared. */
  beyond: string[];
}

const RELATIVE = /^collapse\.(clean|pgd-10|gaussian|sign)\.(nc|trRatio)(?!4)/;

/** @param measured the same model on the same data, of any length; what is shorter than REFERENCE_COUNTS is the caller's to refuse */
export function referenceOutcome(pinned: Report, measured: Report): ReferenceOutcome {
  const result = agreement(pinned, measured);
  if (!result.comparable)
    return { held: false, outcomes: 0, flips: 0, cleanCollapse: null, otherCollapse: null, beyond: [`not comparable: ${result.reason}`] };
  const { checks, samples } = result;
  const attacked = checks.filter((c) => c.id.startsWith('outcomes.') && !['outcomes.clean', 'outcomes.targeted'].includes(c.id));
  const worst = (clean: boolean) => {
    const values = checks
      .filter((c) => RELATIVE.test(c.id) && c.id.startsWith('collapse.clean.') === clean && c.measured !== null)
      .map((c) => c.measured as number);
    return values.length ? Math.max(...values) : null;
  };
  return {
    held: result.agrees,
    outcomes: attacked.length * samples,
    flips: attacked.reduce((n, c) => n + (c.measured ?? 0), 0),
    cleanCollapse: worst(true),
    otherCollapse: worst(false),
    beyond: checks.filter((c) => !c.ok).map((c) => c.id),
  };
}
