/** Every probe by its id. Adding one: a file, a test, a line here and one in the catalogue. */
import { GAMMA } from '../attacks/joint';
import type { ModelGraph } from '../model/graph';
import type { Answer } from './answer';
import type { ProbeId } from './catalogue';
import { type Coupling, gradientCoupling } from './coupling';
import { type Features, headOf } from './feature-data';
import { type GroupCollapse, groupCollapse } from './groups';
import { filterLocality, type Locality } from './locality';
import { type Minority, minorityCollapse } from './minority';
import { type NonSingular, nonSingular } from './non-singular';
import { type Poincare, poincareNearest } from './poincare';
import { type WeightGraph, weightGraph } from './weight-graph';

export interface ProbeResults {
  'non-singular': NonSingular;
  minority: Minority;
  groups: GroupCollapse;
  coupling: Coupling;
  'weight-graph': WeightGraph;
  locality: Locality;
  poincare: Poincare;
}

/** Measured features; empty where the model has none. */
export type MeasuredSet = Required<Features>;

/** What has been measured of a model; the sets that a probe looks at are there (catalogue.ts). */
export interface Material {
  graph: ModelGraph;
  classes: number;
  /** Why the model has no features. */
  featureless?: string;
  train: MeasuredSet;
  planted: MeasuredSet & { attributes: Uint8Array };
  test: MeasuredSet;
  pgd: MeasuredSet;
  /** Of the attack on image and weights only predictions are known. */
  joint: MeasuredSet;
  /** Classes that `minority` asks about; the second half by default. */
  minority?: readonly number[];
}

type Run<T> = (material: Material) => Answer<T>;

const withFeatures =
  <T>(run: Run<T>): Run<T> =>
  (material) =>
    material.featureless === undefined ? run(material) : { result: null, reason: material.featureless };

export const PROBE_RUNS: { readonly [K in ProbeId]: Run<ProbeResults[K]> } = {
  'non-singular': ({ test, pgd, joint }) =>
    nonSingular(test.labels, { clean: test.predictions, pgd: pgd.predictions, joint: joint.predictions }, GAMMA),
  minority: ({ graph, train, minority }) => {
    const head = headOf(graph);
    return head.result ? minorityCollapse(head.result, train, minority) : head;
  },
  groups: withFeatures(({ train, planted, classes }) => groupCollapse(train, planted, classes)),
  coupling: ({ graph, train }) => {
    const head = headOf(graph);
    return head.result ? gradientCoupling(head.result, train) : head;
  },
  'weight-graph': ({ graph }) => weightGraph(graph),
  locality: ({ graph }) => filterLocality(graph),
  poincare: withFeatures(({ train, test, pgd, classes }) => poincareNearest(train, { clean: test, pgd }, classes)),
};
