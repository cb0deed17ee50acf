/** Damaged and hostile graph models: see testing/fuzz.ts. */
import { beforeAll } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { fuzzes } from '../testing/fuzz';
import { flag, float, GraphFile, inNumbers, int, ints, type, word, words } from '../testing/graph-file';

const window = { strides: ints(1, 2, 2, 1), padding: word('SAME'), data_format: word('NHWC') };
const normed = (g: GraphFile, from: string, channels: number) =>
  g.op('FusedBatchNormV3', [from, ...[0, 1, 2, 3].map((i) => g.random([channels], i === 3 ? 0.5 : -1, 1))], {
    epsilon: float(0.001),
    is_training: flag(false),
  });

/** A chain in which every node is fused or computes a shape. */
function tower(): { g: GraphFile; output: string } {
  const g = new GraphFile([8, 8, 2]);
  const fused = { fused_ops: words('BiasAdd', 'Relu'), num_args: int(1) };
  const a = g.op('_FusedConv2D', [normed(g, 'x', 2), g.random([3, 3, 2, 4]), g.random([4])], {
    ...window,
    dilations: ints(1, 1, 1, 1),
    ...fused,
  });
  const b = g.op('FusedDepthwiseConv2dNative', [a, g.random([3, 3, 4, 1]), g.halves([4], [1, 2, 3, 4])], { ...window, ...fused });
  const [zero, one] = [g.integers([0]), g.integers([1])];
  const images = g.op('StridedSlice', [g.op('Shape', [b]), zero, one, one], { shrink_axis_mask: int(1) });
  const flat = g.op('Reshape', [b, g.op('Pack', [images, g.integers([-1], [])], { axis: int(0) })]);
  const logits = g.op('_FusedMatMul', [flat, g.random([3, 16]), g.random([3])], { transpose_b: flag(true), fused_ops: words('BiasAdd') });
  return { g, output: g.op('Identity', [g.op('Softmax', [logits])]) };
}

/** Branches, arithmetic with constants, and products that are activations. */
function branched(): { g: GraphFile; output: string } {
  const g = new GraphFile([6, 6, 2]);
  const scaled = g.op('RealDiv', [g.op('Sub', ['x', g.random([1, 1, 1, 2])]), g.op('Sqrt', [g.random([2], 0.5, 1)])]);
  const a = g.op('BiasAdd', [g.op('Conv2D', [scaled, g.random([3, 3, 2, 2])], { ...window, strides: ints(1, 1, 1, 1) }), g.random([2])]);
  const swish = g.op('Mul', [a, g.op('Sigmoid', [a])]);
  const gate = g.op('Relu6', [g.op('AddV2', [a, g.floats([], [3])])]);
  const hard = g.op('Mul', [g.op('Mul', [a, gate]), g.floats([], [1 / 6])]);
  const sum = g.op('AddV2', [swish, g.op('LeakyRelu', [hard], { alpha: float(0.1) })]);
  const padded = g.op('Pad', [g.op('ConcatV2', [sum, scaled, g.integers([-1], [])]), g.integers([0, 0, 1, 0, 0, 1, 0, 0], [4, 2])]);
  const pooled = g.op('MaxPool', [padded], { ...window, ksize: ints(1, 2, 2, 1) });
  const mean = g.op('Mean', [normed(g, pooled, 4), g.integers([1, 2])], { keep_dims: flag(true) });
  const vector = g.op('Squeeze', [mean], { squeeze_dims: ints(1, 2) });
  return { g, output: g.op('MatMul', [vector, g.random([4, 3])]) };
}

/** Gates, clips, powers and learnt slopes. */
function gated(): { g: GraphFile; output: string } {
  const g = new GraphFile([5, 4, 2]);
  const number = (value: number) => g.floats([], [value]);
  const clipped = g.op('Minimum', [g.op('Maximum', ['x', number(-0.5)]), number(2)]);
  const same = { ...window, strides: ints(1, 1, 1, 1) };
  const a = g.op('_FusedConv2D', [clipped, g.random([3, 3, 2, 3]), g.random([3]), g.random([1, 1, 3])], {
    ...same,
    fused_ops: words('BiasAdd', 'Prelu'),
    num_args: int(2),
  });
  const vector = g.op('MatMul', [g.op('Mean', [a, g.integers([1, 2])]), g.random([3, 3])]);
  const gate = g.op('ExpandDims', [g.op('ExpandDims', [g.op('Sigmoid', [vector]), g.integers([1], [])]), g.integers([1], [])]);
  const excited = g.op('Mul', [a, g.op('ClipByValue', [gate, number(0.1), number(0.9)])]);
  const sum = g.op('AddV2', [g.op('Pow', [excited, number(3)]), g.op('Square', [g.op('Neg', [g.op('Erf', [excited])])])]);
  const flat = g.op('Reshape', [g.op('Prelu', [sum, g.random([5, 4, 3])]), g.integers([-1, 60])]);
  return { g, output: g.op('MatMul', [flat, g.random([60, 3])]) };
}

const HOSTILE: unknown[] = [
  'Switch',
  'NoOp',
  'Mul',
  'Reshape',
  'x',
  'x:1',
  '^x',
  'x:0:0:0',
  ':',
  { i: '-1' },
  { i: '99999999999999999999' },
  { list: { i: ['1', '65536', '65536', '1'] } },
  { list: { i: ['0', '0', '1024', '1024', '1024', '1024', '0', '0'] } },
  { list: {} },
  { s: '!' },
  word('EXPLICIT'),
  word('NCHW'),
  type('DT_STRING'),
  { f: 'NaN' },
  { b: 1 },
  { shape: { unknownRank: true } },
  { shape: { dim: [{ size: '-1' }, { size: '4096' }, { size: '4096' }, { size: '4096' }] } },
  { dtype: 'float16' },
  { dtype: 'uint8', scale: 1e308, min: -1e308 },
];

beforeAll(async () => {
  await openEngine('cpu', nodeHost);
});

for (const [title, { g, output }] of [
  ['a fused graph', tower()],
  ['a branched graph', branched()],
  ['a gated graph', gated()],
] as const) {
  fuzzes(title, { json: g.json(output), shard: g.shard() }, HOSTILE);
  fuzzes(`${title} in numbers`, { json: inNumbers(g.json(output)), shard: g.shard() }, HOSTILE);
}
