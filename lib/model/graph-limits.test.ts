import { describe, expect, it } from 'vitest';
import { flag, GraphFile, int } from '../testing/graph-file';
import { after, graphReasons } from '../testing/graph-refusals';
import { LIMITS, type ModelBundle } from './bundle';
import { readGraphModel } from './graph-model';

describe('limits of a graph', () => {
  const relus = (count: number) => {
    const g = new GraphFile([2, 2, 1]);
    let at = 'x';
    for (let i = 0; i < count; i++) at = g.op('Relu', [at]);
    return graphReasons(g.json(at), g.shard());
  };
  it('are 2 000 nodes, constants apart', async () => {
    expect(await relus(2000)).toEqual([]);
    expect(await relus(2001)).toEqual(['model.json: the graph has more than 2000 nodes']);
  });

  it('are 40 000 nodes of any kind', async () => {
    const many = Array.from({ length: 40_000 }, (_, i) => ({ name: `c${i}`, op: 'Const' }));
    expect(await after((json) => json.modelTopology.node.push(...many))).toEqual(['model.json: the graph has more than 40000 nodes']);
  });

  /** A vector of `size` numbers behind x. */
  const bundle = (g: GraphFile, output: string, large: Map<string, { shape: number[]; values: Float32Array }>): ModelBundle => {
    const { modelTopology, signature } = g.json(output);
    const integers = new Map(
      g.constants
        .filter((c) => c.dtype === 'int32')
        .map((c) => [c.name, { shape: c.shape, values: new Int32Array(c.bytes.slice().buffer) }]),
    );
    return {
      json: { format: 'graph-model', topology: modelTopology, signature, groups: [] },
      weights: large,
      integers,
      sha256: '',
      bytes: 0,
    };
  };
  const flattened = () => {
    const g = new GraphFile([2, 5, 1000]);
    return { g, flat: g.op('Reshape', ['x', g.integers([-1, 10_000])]) };
  };
  const matrix = { shape: [10_000, 10_000], values: new Float32Array(1e8) };

  it('are 100 million parameters, each use of a shared one counting', () => {
    const { g, flat } = flattened();
    g.nodes.push({ name: 'w', op: 'Const' });
    const one = g.op('MatMul', [flat, 'w'], {}, 'one');
    const read = (output: string) => readGraphModel(bundle(g, output, new Map([['w', matrix]])));
    const once = read(one);
    expect(once.ok && once.value.params).toBe(1e8);
    const two = g.op('MatMul', [one, 'w'], { transpose_b: flag(true) }, 'two');
    expect(read(two)).toEqual({
      ok: false,
      reasons: [
        `model.json: the model has 200000000 parameters or more; at most ${LIMITS.parameters} are accepted (the largest node, one, has 100000000)`,
      ],
    });
  });

  it('are 100 million numbers in the output of a node', async () => {
    const g = new GraphFile([4096, 4096, 4096]);
    g.op('Relu', [g.op('Mul', ['x', g.floats([], [2])], {}, 'n')]);
    expect(await graphReasons(g.json('n'), g.shard())).toEqual([
      'node n (Mul): its output [4096,4096,4096] has more than 100000000 numbers an image',
    ]);
  });

  it('are 20 million numbers computed while reading', () => {
    const { g, flat } = flattened();
    g.nodes.push({ name: 'w', op: 'Const' });
    const rows = g.op('Sqrt', ['w']);
    const read = readGraphModel(bundle(g, g.op('MatMul', [flat, rows], { num: int(1) }), new Map([['w', matrix]])));
    expect(read).toEqual({
      ok: false,
      reasons: ["model.json: the model's scales, shifts and arithmetic of constants take more than 20000000 numbers"],
    });
  });
});
