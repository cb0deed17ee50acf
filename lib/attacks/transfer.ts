/**
 * The transfer attack: APGD on cross-entropy of another network, the surrogate, its points shown to the network in question. It
 * needs none of that one's gradients; where it does better than the attacks that use them, those were masked.
 */
import type { Classifier } from '../model/classifier';
import { TAG } from '../random';
import { type Breaks, climb } from './apgd';
import { apgdStart } from './apgd-start';
import { crossEntropy } from './losses';
import { Passes } from './passes';
import { shown } from './shown';
import type { StandingBatch } from './standing';

/**
 * The surrogate's point of highest loss is shown, wherever it went wrong first: such points transfer best. Costs 101 forward and 100
 * backward passes an image on the surrogate, whatever breaks, and a forward pass on the network.
 */
export async function transfer(surrogate: Classifier, network: Classifier, batch: StandingBatch): Promise<Breaks> {
  const { ball, labels, samples } = batch;
  const start = apgdStart(batch, TAG.transferStart);
  const toTheEnd = () => undefined;
  const climbed = { ball, start, labels, targets: labels, samples, loss: crossEntropy, trace: toTheEnd };
  const { highest } = await climb(new Passes(surrogate, 'transfer'), climbed);
  return shown(new Passes(network, 'transfer'), batch, highest);
}
