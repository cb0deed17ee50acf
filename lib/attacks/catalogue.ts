/** What attacks there are, without their code: pages and tables ask here, so that they need not load the engine. */

export interface AttackInfo {
  id: string;
  /** Words for a reader. */
  title: string;
  /** Confined to the ε-ball; noise is not. */
  bounded: boolean;
  /** Aims at class (y+1) mod C. */
  targeted: boolean;
}

export const ATTACK_INFO = {
  'pgd-10': { id: 'pgd-10', title: 'PGD on cross-entropy', bounded: true, targeted: false },
  'pgd-margin': { id: 'pgd-margin', title: 'PGD on the logit margin', bounded: true, targeted: false },
  targeted: { id: 'targeted', title: 'PGD towards the next class', bounded: true, targeted: true },
  gaussian: { id: 'gaussian', title: 'Gaussian noise', bounded: false, targeted: false },
  sign: { id: 'sign', title: 'sign noise', bounded: false, targeted: false },
} as const satisfies Record<string, AttackInfo>;

export type AttackId = keyof typeof ATTACK_INFO;
export const ATTACK_IDS = Object.keys(ATTACK_INFO) as AttackId[];

/** A set of images under one kind of change. */
export type Condition = 'clean' | AttackId;

/** Conditions that collapse is measured on (pgd-margin runs on the test part only). */
export const COLLAPSE_CONDITIONS: readonly Condition[] = ['clean', 'pgd-10', 'targeted', 'gaussian', 'sign'];

/** Attacks that count into robust accuracy: those confined to the ball and aimed away from the true class. */
export const isRanking = (id: AttackId) => ATTACK_INFO[id].bounded && !ATTACK_INFO[id].targeted;
