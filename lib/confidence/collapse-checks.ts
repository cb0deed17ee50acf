/** Checks of whether collapse was learnt or built in. */
import { CHECKS } from './catalogue';
import type { Check, Finding, Findings } from './finding';

/** Fewer training images say nothing of how features vary. */
const LEAST = 256;

function onFeatures(
  { features }: Findings,
  id: 'saturated-features' | 'constant-features',
  value: (spread: Exclude<Findings['features'], { missing: string }>) => number,
): Finding {
  if ('missing' in features) return { notRun: features.missing };
  const { samples } = features;
  if (samples < LEAST) return { notRun: `${samples} training images are too few; at least ${LEAST}` };
  return { value: value(features), threshold: CHECKS[id].threshold, samples };
}

export const collapseRank: Check = ({ features, classes }) => {
  if ('missing' in features) return { notRun: features.missing };
  if (!features.everyClass) return { notRun: 'the training images measured do not have every class' };
  return { value: Math.max(0, classes - 1 - features.rank), threshold: CHECKS['collapse-rank'].threshold, samples: features.samples };
};

export const saturatedFeatures: Check = (f) => onFeatures(f, 'saturated-features', ({ saturated }) => saturated);
export const constantFeatures: Check = (f) => onFeatures(f, 'constant-features', ({ constant }) => constant);
