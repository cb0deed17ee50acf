/** What a unit takes from a layer's activations: class sums, scatter about means, nearest centres. */
import { nextClass } from '../attacks/attack';
import type { Condition } from '../attacks/catalogue';
import { ClassStats } from '../collapse/class-stats';
import { addWithin, nearestMeans, type WithinSums, withinSums } from '../collapse/within-class';

/** What is to be taken from one layer. */
export type LayerTask =
  | { node: number; kind: 'sums' }
  /** Scatter about this condition's own means, and the nearest of the clean centres. */
  | { node: number; kind: 'within'; means: Float64Array; basis: Float64Array; rank: number; centres: Float64Array }
  | { node: number; kind: 'nearest'; centres: Float64Array };

export type LayerResult =
  | { kind: 'sums'; counts: Float64Array; sums: Float64Array }
  | { kind: 'within'; within: WithinSums; correct: number }
  | { kind: 'nearest'; correct: number };

/** Folds a layer's activations into a result, image after image: however they are cut into pieces, the sums are the same. */
export interface LayerFold {
  /** values: [labels.length × dim] row-major. */
  add(values: Float32Array, labels: Int32Array): void;
  result(): LayerResult;
}

/** `dim`: units of the layer. Collapse of targeted images groups them by the class they were sent to (contract §5). */
export function layerFold(task: LayerTask, condition: Condition, classes: number, dim: number): LayerFold {
  const groupsOf = (labels: Int32Array) => (condition === 'targeted' ? nextClass(labels, classes) : labels);
  if (task.kind === 'sums') {
    const stats = new ClassStats(classes, dim);
    return {
      add: (values, labels) => stats.add(values, groupsOf(labels)),
      result: () => ({ kind: 'sums', counts: stats.counts, sums: stats.sums }),
    };
  }
  let correct = 0;
  const countNearest = (values: Float32Array, labels: Int32Array) => {
    const nearest = nearestMeans(values, labels.length, { means: task.centres, classes, dim });
    correct += nearest.reduce((n, c, i) => n + (c === labels[i] ? 1 : 0), 0);
  };
  if (task.kind === 'nearest') return { add: countNearest, result: () => ({ kind: 'nearest', correct }) };
  const { rank, basis } = task;
  const within = withinSums(rank);
  return {
    add: (values, labels) => {
      addWithin(within, values, groupsOf(labels), task, { rank, dim, basis });
      countNearest(values, labels);
    },
    result: () => ({ kind: 'within', within, correct }),
  };
}
