/** Every attack by its id. Adding one: a file, a test, a line here. */
import type { Attack } from './attack';
import { gaussian, sign } from './noise';
import { pgd10, pgdMargin, targeted } from './pgd';

export const ATTACKS = {
  'pgd-10': pgd10,
  'pgd-margin': pgdMargin,
  targeted,
  gaussian,
  sign,
} as const satisfies Record<string, Attack>;

export type AttackId = keyof typeof ATTACKS;
export const ATTACK_IDS = Object.keys(ATTACKS) as AttackId[];

/** A set of images under one kind of change. */
export type Condition = 'clean' | AttackId;

/** Attacks that collapse is measured on (pgd-margin runs on the test part only). */
export const COLLAPSE_CONDITIONS: readonly Condition[] = ['clean', 'pgd-10', 'targeted', 'gaussian', 'sign'];

/** Attacks that count into robust accuracy: those confined to the ball and aimed away from the true class. */
export const isRanking = (id: AttackId) => ATTACKS[id].bounded && !ATTACKS[id].targeted;
