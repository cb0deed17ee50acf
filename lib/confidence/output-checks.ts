/** Checks of the graph and of the outputs themselves. */
import { CHECKS } from './catalogue';
import { type Check, shareFinding } from './finding';
import { steepLayers } from './steep-layers';
import { thresholdOf } from './threshold';

/** A gradient that is exactly zero is no matter of chance: one image is enough. */
export const zeroGradient: Check = ({ zeroGradients, holds }) =>
  zeroGradients === undefined
    ? { notRun: 'pgd-10 was not run' }
    : shareFinding('zero-gradient', zeroGradients, holds.get('pgd-10')?.length ?? 0);

export const ambiguous: Check = ({ ambiguous: marked }) => {
  if (marked === undefined || marked.length === 0) return { notRun: 'no test image was measured' };
  const samples = marked.length;
  return { value: marked.reduce((n, bit) => n + bit, 0) / samples, threshold: thresholdOf('ambiguous', { samples }), samples };
};

export const probabilities: Check = ({ looksLikeProbabilities, holds }) =>
  looksLikeProbabilities === undefined
    ? { notRun: 'no test image was measured' }
    : { value: looksLikeProbabilities ? 1 : 0, threshold: CHECKS.probabilities.threshold, samples: holds.get('clean')?.length ?? 0 };

export const steep: Check = ({ graph }) => ({ value: steepLayers(graph).length, threshold: CHECKS['steep-layers'].threshold });

export const randomisedOutput: Check = ({ spread, holds, notProbed }) =>
  spread === undefined
    ? { notRun: notProbed }
    : { value: spread, threshold: CHECKS['randomised-output'].threshold, samples: holds.get('check-passes')?.length ?? 0 };
