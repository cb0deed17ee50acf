/** What attacks there are, without their code: pages and tables ask here, so that they need not load the engine. */

export interface AttackInfo {
  id: string;
  /** Words for a reader. */
  title: string;
  /** Confined to the ε-ball and to nothing else; noise is not, nor is what changes the weights, too. */
  bounded: boolean;
  /** Aims at class (y+1) mod C. */
  targeted: boolean;
  /** Runs only on images that are classified correctly and that no such attack before it has broken: AutoAttack's are. */
  onStanding: boolean;
}

const everyImage = { onStanding: false } as const;
const standing = { bounded: true, targeted: false, onStanding: true } as const;

export const ATTACK_INFO = {
  'pgd-10': { id: 'pgd-10', title: 'PGD on cross-entropy', bounded: true, targeted: false, ...everyImage },
  'pgd-margin': { id: 'pgd-margin', title: 'PGD on the logit margin', bounded: true, targeted: false, ...everyImage },
  targeted: { id: 'targeted', title: 'PGD towards the next class', bounded: true, targeted: true, ...everyImage },
  gaussian: { id: 'gaussian', title: 'Gaussian noise', bounded: false, targeted: false, ...everyImage },
  sign: { id: 'sign', title: 'sign noise', bounded: false, targeted: false, ...everyImage },
  'apgd-ce': { id: 'apgd-ce', title: 'APGD on cross-entropy', ...standing },
  'apgd-dlr': { id: 'apgd-dlr', title: 'APGD on the logit ratio', ...standing },
  'apgd-t': { id: 'apgd-t', title: 'APGD towards nine classes', ...standing },
  'fab-t': { id: 'fab-t', title: 'FAB towards nine classes', ...standing },
  square: { id: 'square', title: 'Square, without gradients', ...standing },
  // What it perturbs besides the image is confined to no board's ball, so it counts into no score.
  joint: { id: 'joint', title: 'PGD on image and weights', bounded: false, targeted: false, ...everyImage },
} as const satisfies Record<string, AttackInfo>;

export type AttackId = keyof typeof ATTACK_INFO;
/** AutoAttack's. */
export type AutoAttackId = 'apgd-ce' | 'apgd-dlr' | 'apgd-t' | 'fab-t' | 'square';
export const ATTACK_IDS = Object.keys(ATTACK_INFO) as AttackId[];

export type Level = 'pgd' | 'standard';
const PGD_ATTACKS: readonly AttackId[] = ['pgd-10', 'pgd-margin', 'targeted', 'gaussian', 'sign'];
/** What a level runs. */
export const LEVEL_ATTACKS: Readonly<Record<Level, readonly AttackId[]>> = {
  pgd: PGD_ATTACKS,
  standard: [...PGD_ATTACKS, 'apgd-ce', 'apgd-t', 'fab-t', 'square'],
};
export const LEVELS = Object.keys(LEVEL_ATTACKS) as Level[];

/** A set of images under one kind of change. */
export type Condition = 'clean' | AttackId;

/** Conditions that collapse is measured on (pgd-margin runs on the test part only). */
export const COLLAPSE_CONDITIONS: readonly Condition[] = ['clean', 'pgd-10', 'targeted', 'gaussian', 'sign'];

/** Attacks that count into robust accuracy: those confined to the ball and aimed away from the true class. */
export const isRanking = (id: AttackId) => ATTACK_INFO[id].bounded && !ATTACK_INFO[id].targeted;

/** What `condition` begins from in this list: the last attack before it that runs on standing images, or the clean images. */
export function conditionBefore(condition: Condition, conditions: readonly Condition[]): Condition | undefined {
  if (condition === 'clean' || !ATTACK_INFO[condition].onStanding) return undefined;
  const before = conditions.slice(0, conditions.indexOf(condition));
  return before.findLast((c) => c === 'clean' || ATTACK_INFO[c].onStanding);
}
