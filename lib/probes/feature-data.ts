/** What probes of features are given: the features of some images, and the layer that reads them. */
import type { ModelGraph } from '../model/graph';
import { type Answer, none } from './answer';

export interface Features {
  /** [images × dim] row-major */
  features: Float32Array;
  labels: ArrayLike<number>;
  /** What the network names, where a probe asks. */
  predictions?: ArrayLike<number>;
}

/** The last layer: logits z = Wᵀh + b. */
export interface Head {
  dim: number;
  classes: number;
  /** [dim × classes] row-major, as the file has it */
  kernel: Float32Array;
  bias?: Float32Array;
}

/** The last Dense layer, where its outputs are the logits. */
export function headOf({ nodes, lastDense, output }: ModelGraph): Answer<Head> {
  if (lastDense === undefined) return none('the model has no Dense layer, so there is no feature layer');
  const { op, name } = nodes[lastDense];
  if (op.kind !== 'dense' || op.relu || lastDense !== output)
    return none(`the outputs of the last Dense layer (${name}) are not the logits`);
  const [dim, classes] = op.kernel.shape;
  return { result: { dim, classes, kernel: op.kernel.values, ...(op.bias ? { bias: op.bias } : {}) } };
}
