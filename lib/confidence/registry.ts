/** Every check by its id. Adding one: a file, a test, a line here and one in the catalogue. */
import {
  attackUnitTest,
  blackBoxWins,
  fgsmBeatsPgd,
  hugeRadius,
  largerRadius,
  noConvergence,
  noiseSensitivity,
  shiftSensitivity,
  smoothReplacement,
  transferWins,
} from './attack-checks';
import type { ConfidenceCheckId } from './catalogue';
import { collapseRank, constantFeatures, saturatedFeatures } from './collapse-checks';
import type { Check } from './finding';
import { ambiguous, probabilities, randomisedOutput, steep, zeroGradient } from './output-checks';

export const CONFIDENCE_CHECKS: Readonly<Record<ConfidenceCheckId, Check>> = {
  'zero-gradient': zeroGradient,
  probabilities,
  'steep-layers': steep,
  'randomised-output': randomisedOutput,
  'no-convergence': noConvergence,
  'huge-radius': hugeRadius,
  'fgsm-beats-pgd': fgsmBeatsPgd,
  'larger-radius': largerRadius,
  'shift-sensitivity': shiftSensitivity,
  'noise-sensitivity': noiseSensitivity,
  'black-box-wins': blackBoxWins,
  'transfer-wins': transferWins,
  'smooth-replacement': smoothReplacement,
  'attack-unit-test': attackUnitTest,
  ambiguous,
  'collapse-rank': collapseRank,
  'saturated-features': saturatedFeatures,
  'constant-features': constantFeatures,
  'duplicate-weights': () => ({ notRun: 'a site looks for it, on the model’s page; a run cannot' }),
};
