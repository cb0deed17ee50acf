/** Folds the units of the training part into collapse metrics, simplex similarity and layer by layer values. */
import type { Condition } from '../attacks/catalogue';
import { type ClassMeans, ClassStats, classMeans } from '../collapse/class-stats';
import { type Collapse, collapse, nc1, traces, weightRows } from '../collapse/nc';
import { type SimplexSimilarity, simplexSimilarity } from '../collapse/simplex';
import { type MeansSpan, meansSpan } from '../collapse/span';
import { addWithin, mergeWithin, nearestMeans, type WithinSums, withinSums } from '../collapse/within-class';
import { elements, type GraphNode } from '../model/graph';
import type { Model } from '../model/preflight';
import type { LayerTask, MeasureResult } from './measure';
import type { LayerValues, Report } from './report';

/** The labels that a condition's samples are grouped by: targeted ones by the class they were sent to. */
const groupsOf = (condition: Condition, labels: Uint8Array, classes: number) =>
  condition === 'targeted' ? labels.map((y) => (y + 1) % classes) : labels;

export class CollapseStage {
  readonly values: Partial<Record<Condition, Collapse>> = {};
  readonly simplex: Partial<Record<Condition, SimplexSimilarity>> = {};
  private clean: ClassMeans | undefined;

  constructor(
    private readonly model: Model,
    private readonly classes: number,
  ) {}

  /** features: per unit, in order. */
  add(condition: Condition, features: Float32Array[], predictions: Int32Array, labels: Uint8Array): Collapse {
    const { graph, feature } = this.model;
    if ('missing' in feature || graph.lastDense === undefined) throw new Error(`expected a feature layer, got ${JSON.stringify(feature)}`);
    const dense = graph.nodes[graph.lastDense].op;
    if (dense.kind !== 'dense') throw new Error(`expected a Dense node, got ${dense.kind}`);
    const groups = groupsOf(condition, labels, this.classes);
    const eachUnit = (visit: (rows: Float32Array, from: number, to: number) => void) => {
      let at = 0;
      for (const rows of features) {
        visit(rows, at, at + rows.length / feature.dim);
        at += rows.length / feature.dim;
      }
    };
    const stats = new ClassStats(this.classes, feature.dim);
    eachUnit((rows, a, b) => stats.add(rows, groups.subarray(a, b)));
    const means = classMeans(stats);
    const span = meansSpan(means);
    const within = withinSums(span.rank);
    let agreements = 0;
    eachUnit((rows, a, b) => {
      addWithin(within, rows, groups.subarray(a, b), means, span);
      nearestMeans(rows, b - a, means).forEach((c, i) => {
        if (c === predictions[a + i]) agreements++;
      });
    });
    const result = collapse(means, span, within, agreements, weightRows(dense.kernel.values, feature.dim, this.classes));
    this.values[condition] = result;
    if (condition === 'clean') this.clean = means;
    else if (this.clean) this.simplex[condition] = simplexSimilarity(this.clean, means);
    return result;
  }
}

interface LayerState {
  node: number;
  name: string;
  dim: number;
  means: Partial<Record<Condition, ClassMeans>>;
  spans: Partial<Record<Condition, MeansSpan>>;
  within: Partial<Record<Condition, { sums: WithinSums; correct: number }>>;
  test: Partial<Record<Condition, number>>;
}

/** Nodes worth a row: each layer of the file that changes the activations, up to the feature layer. */
function layerNodes(nodes: GraphNode[], lastDense: number): number[] {
  return nodes.flatMap((n, i) => (i < lastDense && !n.name.includes('/') ? [i] : []));
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

  firstPass(): LayerTask[] {
    return this.layers.map(({ node }) => ({ node, kind: 'sums' }));
  }

  takeSums(condition: Condition, results: MeasureResult[]): void {
    this.layers.forEach((layer, k) => {
      const stats = new ClassStats(this.classes, layer.dim);
      for (const { layers } of results) {
        const part = layers[k];
        if (part.kind === 'sums') stats.merge(part);
      }
      const means = classMeans(stats);
      layer.means[condition] = means;
      layer.spans[condition] = meansSpan(means);
    });
  }

  secondPass(condition: Condition): LayerTask[] {
    return this.layers.map(({ node, means, spans }) => {
      const span = spans[condition] as MeansSpan;
      return {
        node,
        kind: 'within',
        means: (means[condition] as ClassMeans).means,
        basis: span.basis,
        rank: span.rank,
        centres: (means.clean as ClassMeans).means,
      };
    });
  }

  takeWithin(condition: Condition, results: MeasureResult[]): void {
    this.layers.forEach((layer, k) => {
      const sums = withinSums((layer.spans[condition] as MeansSpan).rank);
      let correct = 0;
      for (const { layers } of results) {
        const part = layers[k];
        if (part.kind !== 'within') continue;
        mergeWithin(sums, part.within);
        correct += part.correct;
      }
      layer.within[condition] = { sums, correct };
      // The bases are as large as the means; only numbers are needed from here on.
      (layer.spans[condition] as MeansSpan).basis = new Float64Array();
    });
  }

  testPass(): LayerTask[] {
    return this.layers.map(({ node, means }) => ({ node, kind: 'nearest', centres: (means.clean as ClassMeans).means }));
  }

  takeTest(condition: Condition, results: MeasureResult[]): void {
    this.layers.forEach((layer, k) => {
      layer.test[condition] = results.reduce((n, { layers }) => {
        const part = layers[k];
        return n + (part.kind === 'nearest' ? part.correct : 0);
      }, 0);
    });
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
