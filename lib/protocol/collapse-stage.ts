/** Folds the units of the training part into collapse metrics, cosines of the class means and simplex similarity. */
import type { Condition } from '../attacks/catalogue';
import { type ClassMeans, ClassStats, classMeans } from '../collapse/class-stats';
import { meanCosines } from '../collapse/cosines';
import { type Collapse, collapse, weightRows } from '../collapse/nc';
import { type SimplexSimilarity, simplexSimilarity } from '../collapse/simplex';
import { meansSpan } from '../collapse/span';
import { addWithin, nearestMeans, withinSums } from '../collapse/within-class';
import type { Model } from '../model/preflight';
import type { Report } from './report';
import type { MeasuredUnit } from './units';

/** The labels that a condition's samples are grouped by: targeted ones by the class they were sent to. */
const groupsOf = (condition: Condition, labels: Uint8Array, classes: number) =>
  condition === 'targeted' ? labels.map((y) => (y + 1) % classes) : labels;

/** Six decimals keep a report of 10 classes small and every cosine good to 5e-7. */
const rounded = (matrix: (number | null)[][]) => matrix.map((row) => row.map((v) => (v === null ? null : Number(v.toFixed(6)) + 0)));

export class CollapseStage {
  readonly values: Partial<Record<Condition, Collapse>> = {};
  readonly simplex: Partial<Record<Condition, SimplexSimilarity>> = {};
  readonly cosines: NonNullable<Report['cosines']> = {};
  private clean: ClassMeans | undefined;

  constructor(
    private readonly model: Model,
    private readonly classes: number,
  ) {}

  /** Units in the order of the samples, with features. */
  add(condition: Condition, units: readonly Pick<MeasuredUnit, 'features' | 'predictions' | 'labels'>[]): Collapse {
    const { graph, feature } = this.model;
    if ('missing' in feature || graph.lastDense === undefined) throw new Error(`expected a feature layer, got ${JSON.stringify(feature)}`);
    const dense = graph.nodes[graph.lastDense].op;
    if (dense.kind !== 'dense') throw new Error(`expected a Dense node, got ${dense.kind}`);
    const rows = units.map(({ features = new Float32Array(), predictions, labels }) => ({
      features,
      predictions,
      groups: groupsOf(condition, labels, this.classes),
    }));
    const stats = new ClassStats(this.classes, feature.dim);
    for (const { features, groups } of rows) stats.add(features, groups);
    const means = classMeans(stats);
    const span = meansSpan(means);
    const within = withinSums(span.rank);
    let agreements = 0;
    for (const { features, predictions, groups } of rows) {
      addWithin(within, features, groups, means, span);
      agreements += nearestMeans(features, groups.length, means).reduce((n, c, i) => n + (c === predictions[i] ? 1 : 0), 0);
    }
    const result = collapse(means, span, within, agreements, weightRows(dense.kernel.values, feature.dim, this.classes));
    this.values[condition] = result;
    this.cosines[condition] = rounded(meanCosines(means));
    if (condition === 'clean') this.clean = means;
    else if (this.clean) this.simplex[condition] = simplexSimilarity(this.clean, means);
    return result;
  }
}
