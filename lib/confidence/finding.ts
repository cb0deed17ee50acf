/** What checks read, and what they say. */
import type { ModelGraph } from '../model/graph';
import type { ConfidenceCheckId } from './catalogue';
import type { FeatureSpread } from './feature-spread';
import { thresholdOf } from './threshold';

/** What a run has measured, as far as checks look at it. */
export interface Findings {
  graph: ModelGraph;
  classes: number;
  /** Whether each image is classified correctly, under the run's conditions and the probes of the checks. */
  holds: ReadonlyMap<string, readonly boolean[]>;
  /** Images whose loss gradient is zero at PGD's start, where it ran. */
  zeroGradients?: number;
  looksLikeProbabilities?: boolean;
  /** Of each clean test image, where the outputs were looked at: 1 where the two largest logits all but tie. */
  ambiguous?: Uint8Array;
  /** The largest logit spread of the images (logit-spread.ts). */
  spread?: number;
  /** Of the clean training images; or why there is nothing to say of them. */
  features: (FeatureSpread & { rank: number; everyClass: boolean }) | { missing: string };
  /** Of the test of the attack, for each image: 0 its network could not be altered, 1 the altered one held, 2 it broke. */
  mustBreak?: Uint8Array;
  /** Why no surrogate was climbed on, where that is not for want of checks. */
  noSurrogate?: string;
  /** Why there is no result of a probe. */
  notProbed: string;
}

/** `differ`: of a difference of two conditions, images on which they differ. */
export type Finding = { value: number; threshold: number; samples?: number; differ?: number } | { notRun: string };

export type Check = (findings: Findings) => Finding;

/** A share of images. */
export function shareFinding(id: ConfidenceCheckId, images: number, samples: number): Finding {
  if (samples === 0) return { notRun: 'no test image was measured' };
  return { value: images / samples, threshold: thresholdOf(id, { samples }), samples };
}

/** Accuracy under the first condition less that under the second, on the same images. */
export function dropFinding(id: ConfidenceCheckId, [first, second]: readonly (readonly boolean[])[]): Finding {
  const samples = first.length;
  if (samples === 0) return { notRun: 'no test image was measured' };
  const differ = first.filter((held, i) => held !== second[i]).length;
  return {
    value: (count(first) - count(second)) / samples,
    threshold: thresholdOf(id, { samples, differ }),
    ...{ samples, differ },
  };
}

export const count = (holds: readonly boolean[]): number => holds.filter(Boolean).length;

/** Outcomes under each of several names, of the first images that all were measured on; undefined where one is missing. */
export function outcomesOf({ holds }: Findings, ids: readonly string[]): (readonly boolean[])[] | undefined {
  const lists = ids.map((id) => holds.get(id));
  if (!lists.every((list) => list !== undefined)) return undefined;
  const samples = Math.min(...lists.map((list) => list.length));
  return lists.map((list) => list.slice(0, samples));
}
