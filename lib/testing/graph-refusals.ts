/** Small graph models that are read, and why they are refused. */
import { readModel } from '../model/preflight';
import { filesOf, flag, GraphFile, type GraphJson, type GraphNodeJson, ints, word } from './graph-file';

export const same = { strides: ints(1, 1, 1, 1), padding: word('SAME'), data_format: word('NHWC') };

/** x → conv → mean → fc, [6, 6, 2] to 4 classes. */
export function smallGraph() {
  const g = new GraphFile([6, 6, 2]);
  const conv = g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], same, 'conv');
  const mean = g.op('Mean', [conv, g.integers([1, 2])], { keep_dims: flag(false) }, 'mean');
  g.op('MatMul', [mean, g.random([3, 4])], {}, 'fc');
  return g;
}

export async function graphReasons(json: GraphJson, shard: Uint8Array): Promise<string[]> {
  const read = await readModel(filesOf(json, shard));
  return read.ok ? [] : read.reasons;
}
/** Reasons after a change of the small graph's file. */
export async function after(change: (json: GraphJson, node: (name: string) => GraphNodeJson) => void): Promise<string[]> {
  const g = smallGraph();
  const json = g.json('fc');
  change(json, (name) => json.modelTopology.node.find((n) => n.name === name) as GraphNodeJson);
  return graphReasons(json, g.shard());
}
/** Reasons against a graph of one more operation, `n`, that reads the image and what `inputs` makes. */
export async function against(op: string, inputs: (g: GraphFile) => string[], attr: GraphNodeJson['attr'] = {}): Promise<string[]> {
  const g = new GraphFile([6, 6, 2]);
  g.op(op, ['x', ...inputs(g)], attr, 'n');
  return graphReasons(g.json('n'), g.shard());
}
