/** The three ways in which AutoAttack climbs: cross-entropy, DLR, and targeted DLR towards nine classes in turn. */
import { TAG } from '../random';
import { type Breaks, climb } from './apgd';
import { apgdStart } from './apgd-start';
import { ATTACK_INFO } from './catalogue';
import { type ClimbedLoss, crossEntropy, dlrFor, dlrTargetedFor } from './losses';
import { Passes } from './passes';
import type { StandingAttack } from './standing';
import { eachTarget } from './targets';

function untargeted(id: 'apgd-ce' | 'apgd-dlr', tag: number, lossFor: (classes: number) => ClimbedLoss): StandingAttack {
  return {
    ...ATTACK_INFO[id],
    attack(classifier, batch): Promise<Breaks> {
      const { ball, labels, samples, iterations, restart } = batch;
      const loss = lossFor(classifier.classes);
      const start = apgdStart(batch, tag, restart);
      return climb(new Passes(classifier, id), { ball, start, labels, targets: labels, samples, loss, iterations });
    },
  };
}

export const apgdCe = untargeted('apgd-ce', TAG.apgdCeStart, () => crossEntropy);
export const apgdDlr = untargeted('apgd-dlr', TAG.apgdDlrStart, dlrFor);

/** One run towards each of the nine other classes of largest clean logit, largest first, on what the ones before left. */
export const apgdT: StandingAttack = {
  ...ATTACK_INFO['apgd-t'],
  attack(classifier, batch) {
    const passes = new Passes(classifier, 'apgd-t');
    const loss = dlrTargetedFor(classifier.classes);
    return eachTarget(passes, batch, (left, targets, rank) => {
      const { ball, labels, samples, iterations } = left;
      return climb(passes, { ball, start: apgdStart(left, TAG.apgdTargetedStart, rank), labels, targets, samples, loss, iterations });
    });
  },
};
