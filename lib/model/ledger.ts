/** What a model takes while it is read, counted so that what is too much is refused before room is made for it. */
import { LIMITS } from './bundle';
import { elements } from './graph';
import { LayerRefusal } from './layer-config';

/** Ends the reading at once, where other refusals let it go on to find more reasons. */
export class BeyondLimits extends LayerRefusal {}

/** Numbers that may be computed while reading (scales, shifts, constants from constants), so that reading stays quick. */
const MOST_COMPUTED = 20e6;

export class Ledger {
  params = 0;
  /** As `params`, but what several calls or nodes share counts for each: folding may copy it for each. */
  uses = 0;
  /** The layer or node with the most parameters. */
  largest = { name: '', params: 0 };
  private computed = 0;

  /** Parameters of one layer or node; `fresh` of them were not counted before. */
  count(name: string, params: number, fresh: number): void {
    this.params += fresh;
    this.uses += params;
    if (params > this.largest.params) this.largest = { name, params };
  }

  /** Makes room for so many numbers. */
  compute(count: number): void {
    this.computed += count;
    if (this.computed > MOST_COMPUTED)
      throw new BeyondLimits(`model.json: the model's scales, shifts and arithmetic of constants take more than ${MOST_COMPUTED} numbers`);
  }
}

/** Of one image, in front of the first layer that would have to hold it. */
export function checkOutput(shape: readonly number[], refuse: (message: string) => never): void {
  if (elements(shape) > LIMITS.parameters) refuse(`its output [${shape}] has more than ${LIMITS.parameters} numbers an image`);
}
