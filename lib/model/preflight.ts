/** Everything that can be said about a model before it runs: files, layers, limits, and whether it fits a board's data. */
import type { Dataset } from '../data/datasets';
import { type Checked, type ModelBundle, readBundle } from './bundle';
import { countMacs, elements, featureNode, type ModelGraph } from './graph';
import { readGraphModel } from './graph-model';
import { readLayersModel } from './layers-model';

export interface Model {
  graph: ModelGraph;
  sha256: string;
  bytes: number;
  macs: number;
  /** Name and size of the feature layer (the input of the last Dense layer), or why there is none. */
  feature: { name: string; dim: number } | { missing: string };
}

export async function readModel(files: ReadonlyMap<string, Uint8Array>): Promise<Checked<Model>> {
  const bundle = await readBundle(files);
  return bundle.ok ? describe(bundle.value) : bundle;
}

function describe(bundle: ModelBundle): Checked<Model> {
  const graph = bundle.json.format === 'graph-model' ? readGraphModel(bundle) : readLayersModel(bundle);
  if (!graph.ok) return graph;
  return {
    ok: true,
    value: {
      graph: graph.value,
      sha256: bundle.sha256,
      bytes: bundle.bytes,
      macs: countMacs(graph.value),
      feature: featureOf(graph.value),
    },
  };
}

function featureOf(graph: ModelGraph): Model['feature'] {
  const at = featureNode(graph);
  const out = graph.nodes[graph.output].shape[0];
  if (at === undefined || graph.lastDense === undefined) return { missing: 'the model has no Dense layer, so there is no feature layer' };
  const dense = graph.nodes[graph.lastDense];
  if (dense.shape[0] !== out) return { missing: `the last Dense layer (${dense.name}) has ${dense.shape[0]} units, the output ${out}` };
  return { name: graph.nodes[at].name, dim: elements(graph.nodes[at].shape) };
}

/** Reasons why the model cannot be measured on the data set; empty if it can. */
export function boardReasons({ graph }: Model, dataset: Dataset): string[] {
  const reasons: string[] = [];
  const input = graph.nodes.find((n) => n.op.kind === 'input')?.shape ?? [];
  if (input.join() !== dataset.shape.join()) {
    reasons.push(`model.json: the input has shape [${input}]; ${dataset.title} has images of [${dataset.shape}]`);
  }
  const { name, shape } = graph.nodes[graph.output];
  if (shape.length !== 1 || shape[0] !== dataset.classNames.length) {
    reasons.push(`layer ${name}: the output has shape [${shape}]; ${dataset.title} has ${dataset.classNames.length} classes`);
  }
  return reasons;
}
