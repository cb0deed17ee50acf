/** How each condition is named and drawn everywhere: one colour and one shape each. */
import { type SymbolType, symbolCircle, symbolCross, symbolDiamond, symbolSquare, symbolStar, symbolTriangle, symbolWye } from 'd3-shape';
import type { Condition } from '@/lib/attacks/catalogue';

export interface ConditionStyle {
  label: string;
  colour: string;
  symbol: SymbolType;
  dash?: string;
  /** One sentence for those who meet it first. */
  meaning: string;
}

const autoAttack = (label: string, meaning: string): ConditionStyle => ({
  ...{ label, meaning },
  ...{ colour: 'var(--c-pgd)', symbol: symbolWye, dash: '1 2' },
});

export const CONDITIONS: Record<Condition, ConditionStyle> = {
  clean: { label: 'Clean', colour: 'var(--c-clean)', symbol: symbolCircle, meaning: 'The images as they are.' },
  gaussian: {
    label: 'Gaussian noise',
    colour: 'var(--c-gaussian)',
    symbol: symbolSquare,
    dash: '6 3',
    meaning: 'Random noise of the attack’s size, made without the model.',
  },
  sign: {
    label: 'Sign noise',
    colour: 'var(--c-sign)',
    symbol: symbolCross,
    dash: '2 3',
    meaning: 'Every pixel moved up or down by the same amount at random, as far as the attack’s ball reaches.',
  },
  'pgd-10': {
    label: 'PGD-10',
    colour: 'var(--c-pgd)',
    symbol: symbolTriangle,
    meaning: 'Ten steps up the cross-entropy from a random start inside the ball: the paper’s attack.',
  },
  'pgd-margin': {
    label: 'PGD margin',
    colour: 'var(--c-pgd)',
    symbol: symbolStar,
    dash: '1 3',
    meaning: 'The same attack on the logit margin, which does not saturate in float32.',
  },
  targeted: {
    label: 'Targeted',
    colour: 'var(--c-targeted)',
    symbol: symbolDiamond,
    dash: '8 3 2 3',
    meaning: 'The same attack aimed at the next class, y + 1.',
  },
  'apgd-ce': autoAttack('APGD-CE', 'AutoAttack: 100 steps up the cross-entropy whose size adapts to the image.'),
  'apgd-dlr': autoAttack('APGD-DLR', 'The same steps up a ratio of logits, which does not depend on their scale.'),
  'apgd-t': autoAttack('APGD-T', 'AutoAttack: the same steps towards each of nine other classes in turn, on what still stands.'),
  'fab-t': autoAttack('FAB-T', 'AutoAttack: the nearest point beyond the boundary to each of nine other classes, on what still stands.'),
  joint: {
    label: 'Image and weights',
    colour: 'var(--c-targeted)',
    symbol: symbolSquare,
    dash: '1 2',
    meaning:
      'Ten steps up the cross-entropy, in turn on the image within the ball and on every kernel within 0.5 % of its length; no score counts it.',
  },
  square: autoAttack('Square', 'AutoAttack: 5 000 random squares without any gradient, on what still stands.'),
};

/** Order in tables and legends. */
export const CONDITION_ORDER: Condition[] = [
  ...(['clean', 'gaussian', 'sign', 'pgd-10', 'pgd-margin', 'targeted'] as const),
  ...(['apgd-ce', 'apgd-dlr', 'apgd-t', 'fab-t', 'square'] as const),
];
