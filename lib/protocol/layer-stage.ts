/** Folds the units' layer values into collapse and nearest-centre accuracy along depth, unit by unit as they come. */
import { COLLAPSE_CONDITIONS, type Condition } from '../attacks/catalogue';
import { type ClassMeans, ClassStats, classMeans } from '../collapse/class-stats';
import { nc1, traces } from '../collapse/nc';
import { type MeansSpan, meansSpan } from '../collapse/span';
import { mergeWithin, type WithinSums, withinSums } from '../collapse/within-class';
import { elements, type GraphNode } from '../model/graph';
import type { Model } from '../model/preflight';
import type { LayerResult, LayerTask } from './layer-tasks';
import type { LayerValues, Report } from './report';

interface LayerState {
  node: number;
  name: string;
  dim: number;
  means: Partial<Record<Condition, ClassMeans>>;
  spans: Partial<Record<Condition, MeansSpan>>;
  within: Partial<Record<Condition, { sums: WithinSums; correct: number }>>;
  test: Partial<Record<Condition, number>>;
}

/** One pass over the images: what each unit has to take from the layers, and where it goes. */
export interface LayerPass {
  tasks: LayerTask[];
  /** A unit's values, one a task; in the order of the samples. */
  take(values: readonly LayerResult[]): void;
  finish(): void;
}

/** Nodes worth a row: each layer of the file that changes the activations, up to the feature layer. */
function layerNodes(nodes: GraphNode[], lastDense: number): number[] {
  return nodes.flatMap((n, i) => (i < lastDense && !n.inner ? [i] : []));
}

/**
 * Cost of nearest centres over all layers for one image, in image-steps: a loop in float64 takes about ten times as long
 * for a multiply–accumulate as a convolution does.
 */
export function layerWork({ graph, macs }: Pick<Model, 'graph' | 'macs'>): number {
  const units = layerNodes(graph.nodes, graph.lastDense ?? 0).reduce((n, i) => n + elements(graph.nodes[i].shape), 0);
  return (10 * units * graph.nodes[graph.output].shape[0]) / (2 * Math.max(1, macs));
}

/**
 * Bytes that class means of all layers take at once: float64 for every unit and class under each of the five conditions, and
 * the sums and basis of the one that is being measured. Threads hold copies of some of them.
 */
export function layerBytes({ graph }: Pick<Model, 'graph'>): number {
  const units = layerNodes(graph.nodes, graph.lastDense ?? 0).reduce((n, i) => n + elements(graph.nodes[i].shape), 0);
  return 8 * units * graph.nodes[graph.output].shape[0] * (COLLAPSE_CONDITIONS.length + 2);
}

export class LayerStage {
  private readonly layers: LayerState[];

  constructor(
    model: Model,
    private readonly classes: number,
  ) {
    const { nodes, lastDense = 0 } = model.graph;
    this.layers = layerNodes(nodes, lastDense).map((node) => ({
      node,
      name: nodes[node].op.kind === 'input' ? 'input' : nodes[node].name,
      dim: elements(nodes[node].shape),
      means: {},
      spans: {},
      within: {},
      test: {},
    }));
  }

  /** Class means of every layer under a condition. */
  sumsPass(condition: Condition): LayerPass {
    const stats = this.layers.map(({ dim }) => new ClassStats(this.classes, dim));
    return {
      tasks: this.layers.map(({ node }) => ({ node, kind: 'sums' })),
      take: (values) => {
        values.forEach((value, k) => {
          if (value.kind === 'sums') stats[k].merge(value);
        });
      },
      finish: () => {
        this.layers.forEach((layer, k) => {
          const means = classMeans(stats[k]);
          layer.means[condition] = means;
          layer.spans[condition] = meansSpan(means);
        });
      },
    };
  }

  /** Scatter about the condition's own means, and the nearest of the clean centres. */
  withinPass(condition: Condition): LayerPass {
    const folded = this.layers.map(({ spans }) => ({ sums: withinSums((spans[condition] as MeansSpan).rank), correct: 0 }));
    return {
      tasks: this.layers.map(({ node, means, spans }) => {
        const { basis, rank } = spans[condition] as MeansSpan;
        const centres = (means.clean as ClassMeans).means;
        return { node, kind: 'within', means: (means[condition] as ClassMeans).means, basis, rank, centres };
      }),
      take: (values) => {
        values.forEach((value, k) => {
          if (value.kind !== 'within') return;
          mergeWithin(folded[k].sums, value.within);
          folded[k].correct += value.correct;
        });
      },
      finish: () => {
        this.layers.forEach((layer, k) => {
          layer.within[condition] = folded[k];
          // The bases are as large as the means; only numbers are needed from here on.
          (layer.spans[condition] as MeansSpan).basis = new Float64Array();
        });
      },
    };
  }

  /** Test images: the nearest of the clean centres. */
  nearestPass(condition: Condition): LayerPass {
    const correct = this.layers.map(() => 0);
    return {
      tasks: this.layers.map(({ node, means }) => ({ node, kind: 'nearest', centres: (means.clean as ClassMeans).means })),
      take: (values) => {
        values.forEach((value, k) => {
          if (value.kind === 'nearest') correct[k] += value.correct;
        });
      },
      finish: () => {
        this.layers.forEach((layer, k) => {
          layer.test[condition] = correct[k];
        });
      },
    };
  }

  report(samples: number, trainSamples: number): NonNullable<Report['layers']> {
    return this.layers.map((layer) => {
      const values = (Object.keys(layer.within) as Condition[]).map((condition): [Condition, LayerValues] => {
        const { sums, correct } = layer.within[condition] as { sums: WithinSums; correct: number };
        const span = layer.spans[condition] as MeansSpan;
        const { complete } = layer.means[condition] as ClassMeans;
        const test = layer.test[condition];
        const { trSw, trSb, trRatio } = traces(span, sums);
        return [
          condition,
          {
            trSw,
            trSb: complete ? trSb : null,
            trRatio: complete ? trRatio : null,
            nc1: complete ? nc1(span, sums, this.classes) : null,
            nccAccuracy: test === undefined || samples === 0 ? null : test / samples,
            nccAccuracyTrain: correct / trainSamples,
          },
        ];
      });
      return { name: layer.name, dim: layer.dim, ...Object.fromEntries(values) } as NonNullable<Report['layers']>[number];
    });
  }
}
