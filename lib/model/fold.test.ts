import { describe, expect, it } from 'vitest';
import { draw } from '../testing/draw';
import { forward64 } from '../testing/float64-network';
import { activationBytes, foldGraph, pruneGraph } from './fold';
import { type Constant, countMacs, featureNode, type GraphNode, type ModelGraph, type Operation } from './graph';

let seed = 0;
const numbers = (count: number) => draw(count, ++seed);
const constant = (...shape: number[]): Constant => ({ shape, values: numbers(shape.reduce((a, b) => a * b)) });

const window = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] } as const;
const conv = (bias: boolean, relu = false): Operation => ({
  kind: 'conv',
  kernel: constant(3, 3, 3, 3),
  relu,
  ...(bias ? { bias: numbers(3) } : {}),
  ...window,
});
const depthwise = (): Operation => ({ kind: 'depthwise', kernel: constant(3, 3, 3, 1), bias: numbers(3), relu: false, ...window });
const dense = (inputs: number, units: number): Operation => ({
  kind: 'dense',
  kernel: constant(inputs, units),
  bias: numbers(units),
  relu: false,
});
const affine = (channels = 3): Operation => ({ kind: 'affine', scale: numbers(channels), shift: numbers(channels), relu: false });
const act = (name: 'relu' | 'tanh'): Operation => ({ kind: 'activation', activation: { name } });

const IMAGE = [4, 4, 3];
/** A node by its name, its operation, the names of its inputs and its shape. */
type Row = [name: string, op: Operation, inputs: string[], shape?: number[]];

function graph(rows: Row[], output: string): ModelGraph {
  const index = (name: string) => rows.findIndex((r) => r[0] === name);
  const nodes: GraphNode[] = rows.map(([name, op, inputs, shape = IMAGE]) => ({ name, op, inputs: inputs.map(index), shape }));
  const lastDense = nodes.findLastIndex((n) => n.op.kind === 'dense');
  return { nodes, output: index(output), notes: [], layers: rows.length, params: 0, ...(lastDense < 0 ? {} : { lastDense }) };
}
const chain = (...ops: [string, Operation, number[]?][]): ModelGraph =>
  graph(
    [['input', { kind: 'input' }, []], ...ops.map(([name, op, shape], i) => [name, op, [i === 0 ? 'input' : ops[i - 1][0]], shape] as Row)],
    ops[ops.length - 1][0],
  );
const names = (g: ModelGraph) => g.nodes.map((n) => n.name);

function expectSameOutput(before: ModelGraph, after: ModelGraph): void {
  const image = draw(48, 999);
  const [a, b] = [forward64(before, image), forward64(after, image)];
  const largest = Math.max(...a.map(Math.abs));
  expect(largest).toBeGreaterThan(0);
  // Folded constants are rounded to float32 once more.
  a.forEach((v, i) => {
    expect(Math.abs(v - b[i]) / largest).toBeLessThan(1e-6);
  });
}

const fc = dense(48, 5);
const FOLDED: { title: string; graph: ModelGraph; names: string[] }[] = [
  { title: 'a batch norm into the convolution before it', graph: chain(['conv', conv(false)], ['bn', affine()]), names: ['input', 'bn'] },
  {
    title: 'a batch norm and a ReLU into a convolution with a bias',
    graph: chain(['conv', conv(true)], ['bn', affine()], ['relu', act('relu')]),
    names: ['input', 'relu'],
  },
  { title: 'a batch norm into a depthwise convolution', graph: chain(['dw', depthwise()], ['bn', affine()]), names: ['input', 'bn'] },
  {
    title: 'scale-and-shifts that follow each other',
    graph: chain(['a', affine()], ['b', affine()], ['c', affine()]),
    names: ['input', 'c'],
  },
  { title: 'a ReLU into a scale-and-shift', graph: chain(['bn', affine()], ['relu', act('relu')]), names: ['input', 'relu'] },
  {
    title: 'a batch norm into a dense layer that is not the last',
    graph: chain(['flat', { kind: 'reshape' }, [48]], ['a', dense(48, 6), [6]], ['bn', affine(6), [6]], ['b', dense(6, 2), [2]]),
    names: ['input', 'flat', 'bn', 'b'],
  },
];

const KEPT: { title: string; graph: ModelGraph }[] = [
  { title: 'a batch norm that follows a ReLU', graph: chain(['conv', conv(true, true)], ['bn', affine()]) },
  { title: 'an activation other than ReLU', graph: chain(['conv', conv(true)], ['tanh', act('tanh')]) },
  { title: 'a batch norm before the convolution', graph: chain(['bn', affine()], ['conv', conv(true)]) },
  {
    title: 'a batch norm behind the last dense layer',
    graph: chain(['flat', { kind: 'reshape' }, [48]], ['fc', fc, [5]], ['bn', affine(5), [5]]),
  },
  {
    title: 'a batch norm whose input another layer reads',
    graph: graph(
      [
        ['input', { kind: 'input' }, []],
        ['conv', conv(true), ['input']],
        ['bn', affine(), ['conv']],
        ['sum', { kind: 'add' }, ['bn', 'conv']],
      ],
      'sum',
    ),
  },
  {
    title: 'a batch norm behind the output',
    graph: graph(
      [
        ['input', { kind: 'input' }, []],
        ['conv', conv(true), ['input']],
        ['bn', affine(), ['conv']],
      ],
      'conv',
    ),
  },
];

describe('folding', () => {
  it.each(FOLDED)('folds $title and keeps the numbers', ({ graph: before, names: expected }) => {
    const after = foldGraph(before);
    expect(names(after)).toEqual(expected);
    expectSameOutput(before, after);
  });

  it.each(KEPT)('leaves $title as it is', ({ graph: before }) => {
    const after = foldGraph(before);
    expect(names(after)).toEqual(names(before));
    expectSameOutput(before, after);
  });

  it('keeps the kernel of the last dense layer bit for bit, and finds it again', () => {
    const before = chain(
      ['conv', conv(false)],
      ['bn', affine()],
      ['flat', { kind: 'reshape' }, [48]],
      ['fc', fc, [5]],
      ['bn2', affine(5), [5]],
    );
    const after = foldGraph(before);
    expect(after.nodes[after.lastDense as number]).toMatchObject({ name: 'fc', op: { kernel: (fc as { kernel: Constant }).kernel } });
    expect(after.nodes[featureNode(after) as number].name).toBe('flat');
    expect(after.nodes[after.output].name).toBe('bn2');
  });

  it('folds each arm of a residual block by itself', () => {
    const before = graph(
      [
        ['input', { kind: 'input' }, []],
        ['a', conv(false), ['input']],
        ['a-bn', affine(), ['a']],
        ['a-relu', act('relu'), ['a-bn']],
        ['b', conv(false), ['a-relu']],
        ['b-bn', affine(), ['b']],
        ['sum', { kind: 'add' }, ['b-bn', 'a-relu']],
        ['relu', act('relu'), ['sum']],
      ],
      'relu',
    );
    const after = foldGraph(before);
    expect(names(after)).toEqual(['input', 'a-relu', 'b-bn', 'sum', 'relu']);
    expectSameOutput(before, after);
  });

  it('does not change the graph that it was given', () => {
    const before = chain(['conv', conv(true)], ['bn', affine()], ['relu', act('relu')]);
    const copy = structuredClone(before);
    foldGraph(before);
    expect(before).toEqual(copy);
  });
});

describe('pruning', () => {
  it('drops what the output does not depend on, and looks for the last dense layer again', () => {
    const before = graph(
      [
        ['input', { kind: 'input' }, []],
        ['side', conv(true), ['input']],
        ['flat', { kind: 'reshape' }, ['input'], [48]],
        ['fc', fc, ['flat'], [5]],
        ['aux', dense(48, 2), ['flat'], [2]],
      ],
      'fc',
    );
    const after = pruneGraph(before);
    expect(names(after)).toEqual(['input', 'flat', 'fc']);
    expect(after.nodes[after.lastDense as number].name).toBe('fc');
    expectSameOutput(before, after);
    expect(pruneGraph({ ...before, output: 1 })).not.toHaveProperty('lastDense');
  });
});

describe('what a graph costs', () => {
  const model = chain(['conv', conv(false)], ['dw', depthwise()], ['flat', { kind: 'reshape' }, [48]], ['fc', fc, [5]]);

  it('is counted in multiply–accumulates of convolutions and dense layers', () => {
    expect(countMacs(model)).toBe(16 * 81 + 16 * 27 + 48 * 5);
  });

  it('is counted in bytes of activations', () => {
    expect(activationBytes(model)).toEqual({ largest: 192, total: 4 * 192 + 20 });
  });
});
