/**
 * Adversarial training (Madry et al., arXiv 1706.06083) as the paper does it: cross-entropy on PGD-10 images only, made
 * with the network in training mode. Unlike PyTorch's, its moving averages follow the weight steps' batches alone: the attack's
 * ten passes a step leave them where they are.
 */
import { pgd10 } from '../../attacks/pgd';
import { meanCrossEntropyGrad } from './mean-cross-entropy';
import type { TrainingMode } from './mode';

export const at: TrainingMode = {
  id: 'at',
  recipe: 'AT',
  title: 'adversarial training',
  gradients(network, batch, labels, threat, step) {
    // The step stands where an evaluation counts restarts: every step starts elsewhere in the ball.
    const { x, startGradient } = pgd10.run(network.classifier('batch'), batch, threat, step);
    const result = network.gradients(x, labels, meanCrossEntropyGrad);
    x.dispose();
    startGradient?.dispose();
    return result;
  },
};
