/** What checks there are of how far a robust accuracy can be believed, without their code: pages ask here. */

import { MOST_AMBIGUOUS } from '../protocol/ambiguity';

/** Grades from the best down; the best three need what the one below them needs, and more (grade.ts). */
export const GRADES = ['A', 'B', 'C', 'D', 'E'] as const;
export type Grade = (typeof GRADES)[number];

export interface CheckInfo {
  title: string;
  /** What its value is, in a sentence. */
  measures: string;
  /** Raised above it (a cosine from it on). A share of images has to be above it by more than chance explains (chance.ts). */
  threshold: number;
  /**
   * How far chance is allowed for: a share of images by the exact binomial (`share`), the difference of two conditions on the same images
   * by those on which they differ (`pairs`), never a single image (`one`); absent, not at all. See threshold.ts.
   */
  chance?: 'share' | 'pairs' | 'one';
  /** How its value is read: a share, points of accuracy (a difference of shares), a number of things, a distance, or a cosine. */
  unit: 'share' | 'points' | 'count' | 'distance' | 'cosine';
  /** The lowest grade that it has to be passed for; null where it is not about robust accuracy. */
  grade: Exclude<Grade, 'E'> | null;
  source: string;
}

const AUTOATTACK = 'Croce & Hein, arXiv 2003.01690';
const EVALUATING = 'Carlini et al., arXiv 1902.06705';
const OBFUSCATED = 'Athalye, Carlini & Wagner, arXiv 1802.00420';

export const CHECKS = {
  'zero-gradient': {
    title: 'Zero gradients',
    measures: 'Share of test images whose loss gradient is exactly zero where PGD starts: gradient attacks cannot move there.',
    ...({ threshold: 0, unit: 'share', grade: 'D', source: OBFUSCATED } as const),
  },
  probabilities: {
    title: 'Probabilities for logits',
    measures: '1 where all outputs lie in [0, 1] and sum to 1. Such a model is refused, so a report has a 0 here.',
    ...({ threshold: 0, unit: 'count', grade: 'D', source: AUTOATTACK } as const),
  },
  'steep-layers': {
    title: 'Thresholds in the graph',
    measures:
      'Number of bounded activations that one grey level of their input carries from one end to the other. Rounding, sign, floor and top-k are refused before any run.',
    ...({ threshold: 0, unit: 'count', grade: 'D', source: OBFUSCATED } as const),
  },
  'randomised-output': {
    title: 'Randomised output',
    measures: 'Largest distance between the logits of one image, scaled to length 1, in five passes.',
    ...({ threshold: 1e-4, unit: 'distance', grade: 'C', source: AUTOATTACK } as const),
  },
  'no-convergence': {
    title: 'Attack not converged',
    measures:
      'Share of images that APGD-CE breaks with 200 steps after it has failed with 100, and so has every other attack along gradients that counts.',
    ...({ threshold: 0.003, chance: 'share', unit: 'share', grade: 'C', source: EVALUATING } as const),
  },
  'huge-radius': {
    title: 'Accuracy at a huge radius',
    measures: 'Accuracy under APGD-CE in a ball so large that no classifier should hold: L∞ 64/255, but at least 4ε; L2 64/255·√d.',
    ...({ threshold: 0.05, chance: 'share', unit: 'share', grade: 'C', source: EVALUATING } as const),
  },
  'fgsm-beats-pgd': {
    title: 'One step beats ten',
    measures: 'Accuracy under PGD-10 less that under FGSM, its single step from the image itself.',
    ...({ threshold: 0.002, chance: 'pairs', unit: 'points', grade: 'C', source: OBFUSCATED } as const),
  },
  'larger-radius': {
    title: 'Higher accuracy at a larger radius',
    measures: 'The most by which accuracy under PGD-10 rises from ε/2 to ε, or from ε to 2ε.',
    ...({ threshold: 0.003, chance: 'pairs', unit: 'points', grade: 'C', source: EVALUATING } as const),
  },
  'shift-sensitivity': {
    title: 'Sensitive to a shift',
    measures: 'Clean accuracy less that on images moved by one pixel. A table of known images falls to chance.',
    ...({ threshold: 0.25, chance: 'pairs', unit: 'points', grade: 'C', source: EVALUATING } as const),
  },
  'noise-sensitivity': {
    title: 'Sensitive to faint noise',
    measures: 'Clean accuracy less that with every value one grey level up or down by lot.',
    ...({ threshold: 0.05, chance: 'pairs', unit: 'points', grade: 'C', source: EVALUATING } as const),
  },
  'black-box-wins': {
    title: 'Black box beats white box',
    measures: 'Share of images that Square, without gradients, breaks after every gradient attack has failed on them.',
    ...({ threshold: 0.002, chance: 'share', unit: 'share', grade: 'B', source: AUTOATTACK } as const),
  },
  'transfer-wins': {
    title: 'Transfer beats white box',
    measures: 'Share of images broken by points made for a pinned surrogate, after every gradient attack has failed on them.',
    ...({ threshold: 0.002, chance: 'share', unit: 'share', grade: 'A', source: EVALUATING } as const),
  },
  'smooth-replacement': {
    title: 'Smooth replacement beats white box',
    measures:
      'Share of images broken by APGD through a smooth stand-in for the steep layers, after every gradient attack has failed on them.',
    ...({ threshold: 0.002, chance: 'share', unit: 'share', grade: 'A', source: OBFUSCATED } as const),
  },
  'attack-unit-test': {
    title: 'Attack unit test',
    measures: 'Share of images on which the attack fails to break a changed copy of the model that can be broken by construction.',
    ...({ threshold: 0.05, chance: 'share', unit: 'share', grade: 'A', source: 'Zimmermann et al., arXiv 2206.13991' } as const),
  },
  ambiguous: {
    title: 'Ambiguous images',
    measures:
      'Share of clean test images whose two largest logits all but tie: engines may name either class, so no other run can confirm the score.',
    ...({ threshold: MOST_AMBIGUOUS, chance: 'one', unit: 'share', grade: null, source: 'docs/checking.md' } as const),
  },
  'collapse-rank': {
    title: 'Lost directions',
    measures: 'Directions that the class means of the clean training images lack to span a simplex, C − 1 less their rank.',
    ...({ threshold: 0, unit: 'count', grade: null, source: 'docs/protocol.md' } as const),
  },
  'saturated-features': {
    title: 'Saturated features',
    measures: 'Share of features that lie at one of two values on 99 % of the training images: a switch before the last Dense layer.',
    ...({ threshold: 0.5, unit: 'share', grade: null, source: 'docs/protocol.md' } as const),
  },
  'constant-features': {
    title: 'Constant features',
    measures: 'Share of features that are the same on all training images.',
    ...({ threshold: 0.9, unit: 'share', grade: null, source: 'docs/protocol.md' } as const),
  },
  'duplicate-weights': {
    title: 'Duplicate weights',
    measures:
      'Cosine between the kernels of this model and those of the nearest model that another account had published before; a site looks for it, a run cannot.',
    ...({ threshold: 0.9999, unit: 'cosine', grade: null, source: 'docs/protocol.md' } as const),
  },
} as const satisfies Record<string, CheckInfo>;

export type ConfidenceCheckId = keyof typeof CHECKS;
export const CONFIDENCE_CHECK_IDS = Object.keys(CHECKS) as ConfidenceCheckId[];
