/** FAB towards each of nine other classes, as AutoAttack runs it: the first run of a target has no random start, and is the only one. */
import { ATTACK_INFO } from './catalogue';
import { nearestPoints } from './fab';
import { Passes } from './passes';
import type { StandingAttack } from './standing';
import { eachTarget } from './targets';

export const fabT: StandingAttack = {
  ...ATTACK_INFO['fab-t'],
  attack(classifier, batch) {
    const passes = new Passes(classifier, 'fab-t');
    return eachTarget(passes, batch, (left, targets) => nearestPoints(passes, { ...left, targets }));
  },
};
