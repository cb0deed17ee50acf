/**
 * The smooth-replacement attack: APGD on cross-entropy along the gradients of a smooth twin (model/smooth-twin.ts), its points shown
 * to the network itself. Where it breaks what the attacks on the network's own gradients do not, those were masked.
 */
import type { Classifier } from '../model/classifier';
import { TAG } from '../random';
import { type Breaks, climb } from './apgd';
import { apgdStart } from './apgd-start';
import { crossEntropy } from './losses';
import { Passes } from './passes';
import { shown } from './shown';
import type { StandingBatch } from './standing';

/** `twin`: a network of `smoothTwin(graph).graph`. Costs what apgd-ce does, on the twin, and a forward pass an image on the network. */
export async function smooth(twin: Classifier, network: Classifier, batch: StandingBatch): Promise<Breaks> {
  const { ball, labels, samples } = batch;
  const start = apgdStart(batch, TAG.smoothStart);
  const { points } = await climb(new Passes(twin, 'smooth'), { ball, start, labels, targets: labels, samples, loss: crossEntropy });
  return shown(new Passes(network, 'smooth'), batch, points);
}
