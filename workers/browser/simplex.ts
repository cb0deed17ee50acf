/** Features of a few training images, clean and perturbed, for drawing the simplex of their class means in the page. */
import { COLLAPSE_CONDITIONS, type Condition } from '../../lib/attacks/catalogue';
import { type FeaturesRequest, measureFeatures } from './feature-sets';
import type { MeasureListener } from './measure-listener';

export interface FeatureSet {
  condition: Condition;
  /** [images × dim] row-major, float32 as the network gives them. */
  features: Float32Array;
}

export interface SimplexFeatures {
  dim: number;
  labels: Uint8Array;
  /** Clean first. */
  sets: FeatureSet[];
}

export async function simplexFeatures(request: FeaturesRequest, listen: MeasureListener, signal: AbortSignal): Promise<SimplexFeatures> {
  const conditions = [...COLLAPSE_CONDITIONS];
  const { dim, labels, sets } = await measureFeatures(request, () => conditions.map((condition) => ({ condition })), listen, signal);
  return { dim, labels, sets: sets.map((features, i) => ({ condition: conditions[i], features })) };
}
