/** Standard training: cross-entropy on the images as they are. */
import { meanCrossEntropyGrad } from './mean-cross-entropy';
import type { TrainingMode } from './mode';

export const st: TrainingMode = {
  id: 'st',
  recipe: 'ST',
  title: 'standard training',
  gradients: (network, { x0 }, labels) => network.gradients(x0, labels, meanCrossEntropyGrad),
};
