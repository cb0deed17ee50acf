/** NC1–NC4 of free features and weights as they stand, computed as the protocol computes them of a network's. */
import { ClassStats, classMeans } from '../collapse/class-stats';
import { type Collapse, collapse } from '../collapse/nc';
import { meansSpan } from '../collapse/span';
import { addWithin, nearestMeans, withinSums } from '../collapse/within-class';
import type { LayerPeeledModel } from './layer-peeled';

export function peeledCollapse({ features, weights, labels, classes, dim }: LayerPeeledModel): Collapse {
  const rounded = Float32Array.from(features);
  const stats = new ClassStats(classes, dim);
  stats.add(rounded, labels);
  const means = classMeans(stats);
  const span = meansSpan(means);
  const within = withinSums(span.rank);
  addWithin(within, rounded, labels, means, span);
  const nearest = nearestMeans(rounded, labels.length, means);
  const score = (n: number, c: number) => {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += weights[c * dim + i] * rounded[n * dim + i];
    return sum;
  };
  const agreements = labels.filter((_, n) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (score(n, c) > score(n, best)) best = c;
    return best === nearest[n];
  }).length;
  return collapse(means, span, within, agreements, weights);
}
