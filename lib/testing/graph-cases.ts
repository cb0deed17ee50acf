/** Small graphs that together hold every supported operation with every option that changes numbers. */
import { flag, float, GraphFile, int, ints, type, word, words } from './graph-file';

export interface GraphCase {
  title: string;
  input: [number, number, number];
  /** Adds the nodes behind the input `x`; returns the output's name. */
  build(g: GraphFile): string;
  /** tfjs has no gradient for one of the operations, or another one. */
  noGradient?: true;
}

const conv = (padding = 'SAME', stride: number | [number, number] = 1, dilation: number | [number, number] = 1) => {
  const list = (pair: number | [number, number]) => ints(1, ...(typeof pair === 'number' ? [pair, pair] : pair), 1);
  return { strides: list(stride), dilations: list(dilation), padding: word(padding), data_format: word('NHWC') };
};
const window = (size: number, stride: number, padding: string) => ({
  ksize: ints(1, size, size, 1),
  strides: ints(1, stride, stride, 1),
  padding: word(padding),
  data_format: word('NHWC'),
});
const fused = (...ops: string[]) => ({ fused_ops: words(...ops), num_args: int(ops.includes('Prelu') ? 2 : 1) });
const explicit = { ...conv('EXPLICIT', 2), explicit_paddings: ints(0, 0, 1, 1, 2, 0, 0, 0) };

const simple = (title: string, input: [number, number, number], build: GraphCase['build'], noGradient?: true): GraphCase => ({
  title,
  input,
  build,
  ...(noGradient ? { noGradient } : {}),
});

const convolutions: GraphCase[] = [
  simple('Conv2D, VALID', [6, 7, 2], (g) => g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], conv('VALID'))),
  simple('Conv2D, SAME with stride 2, even and odd sizes', [8, 7, 2], (g) =>
    g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], conv('SAME', 2)),
  ),
  simple('Conv2D, padded by hand as PyTorch pads', [8, 7, 2], (g) => g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], explicit)),
  simple('Conv2D, uneven strides', [8, 9, 2], (g) => g.op('Conv2D', ['x', g.random([3, 2, 2, 3])], conv('VALID', [1, 2]))),
  simple('Conv2D, dilated', [8, 9, 2], (g) => g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], conv('SAME', 1, 2)), true),
  simple('Conv2D with BiasAdd and Relu', [6, 6, 2], (g) => {
    const y = g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], conv());
    return g.op('Relu', [g.op('BiasAdd', [y, g.random([3])], { data_format: word('NHWC') })]);
  }),
  simple('Conv2D that two nodes read, one adding a bias', [6, 6, 2], (g) => {
    const y = g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], conv());
    return g.op('AddV2', [g.op('BiasAdd', [y, g.random([3])]), y]);
  }),
  simple('_FusedConv2D with BiasAdd', [6, 6, 2], (g) =>
    g.op('_FusedConv2D', ['x', g.random([3, 3, 2, 3]), g.random([3])], { ...conv('SAME', 2), ...fused('BiasAdd') }),
  ),
  simple('_FusedConv2D, padded by hand', [6, 6, 2], (g) =>
    g.op('_FusedConv2D', ['x', g.random([3, 3, 2, 3]), g.random([3])], { ...explicit, ...fused('BiasAdd', 'Relu') }),
  ),
  ...['Relu', 'Relu6', 'Elu', 'LeakyRelu', 'Sigmoid'].flatMap((activation) => [
    simple(
      `_FusedConv2D with BiasAdd and ${activation}`,
      [5, 6, 2],
      (g) =>
        g.op('_FusedConv2D', ['x', g.random([3, 3, 2, 3], -2, 2), g.random([3])], {
          ...conv('VALID'),
          ...fused('BiasAdd', activation),
          leakyrelu_alpha: float(0.3),
        }),
      activation === 'Relu' ? undefined : true,
    ),
    simple(
      `_FusedMatMul with BiasAdd and ${activation}`,
      [2, 2, 2],
      (g) =>
        g.op('_FusedMatMul', [g.op('Reshape', ['x', g.integers([-1, 8])]), g.random([8, 5], -2, 2), g.random([5])], {
          ...fused('BiasAdd', activation),
          leakyrelu_alpha: float(0.3),
        }),
      activation === 'Relu' ? undefined : true,
    ),
  ]),
  simple('DepthwiseConv2dNative with multiplier 2', [6, 7, 3], (g) =>
    g.op('DepthwiseConv2dNative', ['x', g.random([3, 3, 3, 2])], conv('SAME', 2)),
  ),
  simple(
    'DepthwiseConv2dNative, dilated, with BiasAdd',
    [8, 8, 2],
    (g) => g.op('BiasAdd', [g.op('DepthwiseConv2dNative', ['x', g.random([3, 3, 2, 1])], conv('VALID', 1, 2)), g.random([2])]),
    true,
  ),
  ...['Relu', 'Relu6', 'Elu'].map((activation) =>
    simple(
      `FusedDepthwiseConv2dNative with BiasAdd and ${activation}`,
      [6, 6, 3],
      (g) =>
        g.op('FusedDepthwiseConv2dNative', ['x', g.random([3, 3, 3, 1], -2, 2), g.random([3])], {
          ...conv(),
          ...fused('BiasAdd', activation),
        }),
      activation === 'Relu' ? undefined : true,
    ),
  ),
  simple(
    '_FusedConv2D with BiasAdd and Prelu',
    [5, 6, 2],
    (g) =>
      g.op('_FusedConv2D', ['x', g.random([3, 3, 2, 3], -2, 2), g.random([3]), g.random([3], 0, 0.5)], {
        ...conv('VALID'),
        ...fused('BiasAdd', 'Prelu'),
      }),
    true,
  ),
  simple(
    'FusedDepthwiseConv2dNative with BiasAdd and Prelu, shared over the image',
    [6, 6, 3],
    (g) =>
      g.op('FusedDepthwiseConv2dNative', ['x', g.random([3, 3, 3, 1], -2, 2), g.random([3]), g.random([1, 1, 3], -0.5, 1.5)], {
        ...conv(),
        ...fused('BiasAdd', 'Prelu'),
      }),
    true,
  ),
  simple(
    '_FusedMatMul with BiasAdd and Prelu',
    [2, 2, 2],
    (g) =>
      g.op(
        '_FusedMatMul',
        [g.op('Reshape', ['x', g.integers([-1, 8])]), g.random([8, 5], -2, 2), g.random([5]), g.random([5], 0, 0.5)],
        fused('BiasAdd', 'Prelu'),
      ),
    true,
  ),
  simple('FusedDepthwiseConv2dNative, padded by hand', [6, 6, 3], (g) =>
    g.op('FusedDepthwiseConv2dNative', ['x', g.random([3, 3, 3, 1]), g.random([3])], { ...explicit, ...fused('BiasAdd') }),
  ),
  simple('MatMul and BiasAdd', [2, 3, 2], (g) => {
    const flat = g.op('Reshape', ['x', g.integers([-1, 12])]);
    return g.op('BiasAdd', [g.op('MatMul', [flat, g.random([12, 4])]), g.random([4])]);
  }),
  simple('MatMul with a transposed matrix', [2, 3, 2], (g) => {
    const flat = g.op('Reshape', ['x', g.integers([-1, 12])]);
    return g.op('MatMul', [flat, g.random([4, 12])], { transpose_a: flag(false), transpose_b: flag(true) });
  }),
];

const norm = (g: GraphFile, from: string, channels: number, op = 'FusedBatchNormV3') => {
  const [gamma, beta] = [g.random([channels], 0.5, 1.5), g.random([channels], -0.5, 0.5)];
  const inputs = [from, gamma, beta, g.random([channels], -0.5, 0.5), g.random([channels], 0.5, 1.5)];
  return g.op(op, inputs, { epsilon: float(0.001), is_training: flag(false), data_format: word('NHWC'), U: type('DT_FLOAT') });
};
const unary = ['Relu', 'Relu6', 'Elu', 'Selu', 'Sigmoid', 'Tanh', 'Softplus'];
const ten = (g: GraphFile) => g.op('Mul', ['x', g.floats([], [10])]);

const elementwise: GraphCase[] = [
  ...unary.map((op) => simple(op, [4, 4, 2], (g) => g.op(op, [ten(g)]))),
  simple('LeakyRelu', [4, 4, 2], (g) => g.op('LeakyRelu', ['x'], { alpha: float(0.15) })),
  simple('LeakyRelu with its default slope', [4, 4, 2], (g) => g.op('LeakyRelu', ['x'])),
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].map((op) => simple(op, [4, 4, 3], (g) => norm(g, 'x', 3, op))),
  simple('a convolution, a batch norm and Relu', [5, 5, 2], (g) =>
    g.op('Relu', [norm(g, g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], conv()), 3)]),
  ),
  simple('a batch norm of a vector, taken apart', [2, 2, 2], (g) => {
    const y = g.op('MatMul', [g.op('Reshape', ['x', g.integers([-1, 8])]), g.random([8, 4])]);
    const [gamma, beta, mean, variance] = [g.random([4], 0.5, 1), g.random([4]), g.random([4]), g.random([4], 0.5, 1)];
    const factor = g.op('Mul', [g.op('Rsqrt', [g.op('AddV2', [variance, g.floats([], [0.001])])]), gamma]);
    const moved = g.op('Sub', [beta, g.op('Mul', [mean, factor])]);
    return g.op('MatMul', [g.op('AddV2', [g.op('Mul', [y, factor]), moved]), g.random([4, 3])]);
  }),
  simple('normalisation by mean and deviation', [4, 4, 3], (g) => {
    const deviation = g.op('Maximum', [g.op('Sqrt', [g.random([1, 1, 1, 3], 0.2, 2)]), g.floats([], [1e-7])]);
    return g.op('RealDiv', [g.op('Sub', ['x', g.random([1, 1, 1, 3])]), deviation]);
  }),
  simple('rescaling by numbers, the constant on either side', [4, 4, 3], (g) => {
    const y = g.op('Add', [g.floats([], [-0.5]), g.op('Mul', [g.floats([1], [2.5]), 'x'])]);
    return g.op('RealDiv', [g.op('Sub', [g.floats([3], [0.1, 0.2, 0.3]), y]), g.floats([], [3])]);
  }),
  simple('constants of constants', [3, 3, 2], (g) => {
    const wide = g.op('Mul', [g.random([1, 1, 1, 2]), g.op('Minimum', [g.random([1]), g.floats([], [0.9])])]);
    const turned = g.op('Reshape', [g.op('Neg', [g.op('Square', [wide])]), g.integers([-1])]);
    return g.op('Mul', ['x', turned]);
  }),
  simple('swish as a product', [4, 4, 2], (g) => g.op('Mul', [g.op('Sigmoid', ['x']), 'x'])),
  simple('swish whose sigmoid is read twice', [4, 4, 2], (g) => {
    const gate = g.op('Sigmoid', ['x']);
    return g.op('AddV2', [g.op('Mul', ['x', gate]), gate]);
  }),
  simple('hard swish: x · (relu6(x + 3) / 6)', [4, 4, 2], (g) => {
    const x = ten(g);
    const gate = g.op('Mul', [g.op('Relu6', [g.op('AddV2', [x, g.floats([], [3])])]), g.floats([], [1 / 6])]);
    return g.op('Mul', [x, gate]);
  }),
  simple('hard swish: (x · relu6(x + 3)) · 1/6, of a convolution', [4, 4, 2], (g) => {
    const x = g.op('BiasAdd', [g.op('Conv2D', ['x', g.random([1, 1, 2, 3], -4, 4)], conv()), g.random([3])]);
    const product = g.op('Mul', [g.op('Relu6', [g.op('AddV2', [x, g.floats([], [3])])]), x]);
    return g.op('Mul', [product, g.floats([], [1 / 6])]);
  }),
];

/** A number as a constant. */
const one = (g: GraphFile, value: number) => g.floats([], [value]);
const gelu = (g: GraphFile, x: string, inner: string) => g.op('Mul', [g.op('Mul', [one(g, 0.5), x]), g.op('AddV2', [one(g, 1), inner])]);

const clips: GraphCase[] = [
  simple('ClipByValue', [4, 4, 2], (g) => g.op('ClipByValue', ['x', one(g, -0.4), one(g, 0.7)])),
  simple('ClipByValue twice', [3, 3, 2], (g) =>
    g.op('ClipByValue', [g.op('ClipByValue', ['x', one(g, -1), one(g, 1)]), one(g, -1), one(g, 1)]),
  ),
  simple('Maximum and Minimum with a number on either side', [4, 4, 2], (g) =>
    g.op('Minimum', [g.floats([1], [0.8]), g.op('Maximum', ['x', one(g, -0.3)])]),
  ),
  simple('ReLU6 as a minimum of a maximum, of a convolution', [5, 5, 2], (g) => {
    const y = g.op('Conv2D', ['x', g.random([3, 3, 2, 3], -3, 3)], conv());
    return g.op('Minimum', [g.op('Maximum', [y, one(g, 0)]), one(g, 6)]);
  }),
  simple('hard sigmoid as Keras freezes it', [4, 4, 2], (g) =>
    g.op('ClipByValue', [g.op('AddV2', [g.op('Mul', [one(g, 0.2), ten(g)]), one(g, 0.5)]), one(g, 0), one(g, 1)]),
  ),
];

const slopes: GraphCase[] = [
  simple('Prelu, a slope a channel', [4, 5, 3], (g) => g.op('Prelu', ['x', g.random([3], -0.5, 1.5)])),
  simple('Prelu, a slope a place', [4, 5, 3], (g) => g.op('Prelu', ['x', g.random([4, 5, 3], -0.5, 1.5)])),
  simple('Prelu, one slope', [4, 5, 3], (g) => g.op('Prelu', ['x', g.random([1, 1, 1], 0.1, 0.2)])),
  simple('PReLU as Keras freezes it', [4, 5, 3], (g) => {
    const negative = g.op('Mul', [g.op('Neg', [g.random([1, 1, 3], -0.5, 1.5)]), g.op('Relu', [g.op('Neg', ['x'])])]);
    return g.op('AddV2', [g.op('Relu', ['x']), negative]);
  }),
];

const products: GraphCase[] = [
  simple('Mul of two tensors of one shape', [4, 4, 2], (g) =>
    g.op('Mul', [g.op('Conv2D', ['x', g.random([3, 3, 2, 2])], conv()), g.op('Tanh', ['x'])]),
  ),
  simple('Mul of a tensor by itself, and Square', [3, 4, 2], (g) => g.op('Sub', [g.op('Mul', ['x', 'x']), g.op('Square', [ten(g)])])),
  simple('Pow by 2 and by 3', [3, 4, 2], (g) => g.op('AddV2', [g.op('Pow', ['x', one(g, 2)]), g.op('Pow', ['x', one(g, 3)])])),
  simple('squeeze and excitation by convolutions, the gate on either side', [4, 5, 3], (g) => {
    const mean = g.op('Mean', ['x', g.integers([1, 2])], { keep_dims: flag(true) });
    const narrow = g.op('Relu', [g.op('BiasAdd', [g.op('Conv2D', [mean, g.random([1, 1, 3, 2], -3, 3)], conv()), g.random([2])])]);
    const gate = g.op('Sigmoid', [g.op('BiasAdd', [g.op('Conv2D', [narrow, g.random([1, 1, 2, 3], -3, 3)], conv()), g.random([3])])]);
    return g.op('Sub', [g.op('Mul', [ten(g), gate]), g.op('Mul', [g.op('ClipByValue', [gate, one(g, 0.1), one(g, 0.9)]), 'x'])]);
  }),
  simple('squeeze and excitation by dense layers and ExpandDims', [4, 5, 3], (g) => {
    const mean = g.op('Mean', ['x', g.integers([1, 2])]);
    const gate = g.op('Sigmoid', [g.op('MatMul', [mean, g.random([3, 3], -3, 3)])]);
    return g.op('Mul', ['x', g.op('ExpandDims', [g.op('ExpandDims', [gate, g.integers([1], [])]), g.integers([-2], [])])]);
  }),
  simple('a gate for each place, and one for the whole image', [4, 5, 3], (g) => {
    const places = g.op('Sigmoid', [g.op('Conv2D', ['x', g.random([3, 3, 3, 1], -2, 2)], conv())]);
    const whole = g.op('Tanh', [
      g.op('Conv2D', [g.op('Max', ['x', g.integers([1, 2])], { keep_dims: flag(true) }), g.random([1, 1, 3, 1])], conv()),
    ]);
    return g.op('Mul', [whole, g.op('Mul', [places, 'x'])]);
  }),
  simple('hard swish whose clip is written out', [4, 4, 2], (g) =>
    g.op('Mul', [ten(g), g.op('Mul', [g.op('ClipByValue', [g.op('AddV2', [ten(g), one(g, 3)]), one(g, 0), one(g, 6)]), one(g, 1 / 6)])]),
  ),
  simple('Erf', [4, 4, 2], (g) => g.op('Erf', ['x'])),
  simple('GELU by Erf', [4, 4, 2], (g) => gelu(g, 'x', g.op('Erf', [g.op('RealDiv', ['x', one(g, Math.SQRT2)])]))),
  simple('GELU by Tanh', [4, 4, 2], (g) => {
    const cubed = g.op('AddV2', ['x', g.op('Mul', [one(g, 0.044715), g.op('Pow', ['x', one(g, 3)])])]);
    return gelu(g, 'x', g.op('Tanh', [g.op('Mul', [one(g, Math.sqrt(2 / Math.PI)), cubed])]));
  }),
];

const pools: GraphCase[] = ['MaxPool', 'AvgPool'].flatMap((op) => [
  simple(`${op} 2×2`, [6, 7, 2], (g) => g.op(op, ['x'], window(2, 2, 'VALID'))),
  // tfjs' gradient of AvgPool divides by the whole window where only a part of it lies on the image
  simple(`${op} 3×3 stride 2, SAME`, [6, 7, 2], (g) => g.op(op, ['x'], window(3, 2, 'SAME')), op === 'AvgPool' ? true : undefined),
  simple(`${op} of Relu`, [6, 6, 2], (g) =>
    g.op(op, [g.op('Relu', [g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], conv())])], window(2, 2, 'VALID')),
  ),
]);

const shapes: GraphCase[] = [
  simple('Mean over height and width', [4, 5, 3], (g) => g.op('Mean', ['x', g.integers([1, 2])], { keep_dims: flag(false) })),
  simple('Mean that keeps its axes, named from the end', [4, 5, 3], (g) =>
    g.op('Conv2D', [g.op('Mean', ['x', g.integers([-2, -3])], { keep_dims: flag(true) }), g.random([1, 1, 3, 2])], conv()),
  ),
  simple('Max over height and width', [4, 5, 3], (g) => g.op('Max', ['x', g.integers([1, 2])])),
  simple('Mean and Squeeze', [4, 5, 3], (g) =>
    g.op('Squeeze', [g.op('Mean', ['x', g.integers([1, 2])], { keep_dims: flag(true) })], { squeeze_dims: ints(1, 2) }),
  ),
  simple('Pad', [4, 5, 2], (g) => g.op('Pad', ['x', g.integers([0, 0, 1, 0, 2, 3, 0, 0], [4, 2])])),
  simple('PadV2 and a convolution', [4, 5, 2], (g) =>
    g.op(
      'Conv2D',
      [g.op('PadV2', ['x', g.integers([0, 0, 1, 1, 1, 1, 0, 0], [4, 2]), g.floats([], [0])]), g.random([3, 3, 2, 3])],
      conv('VALID', 2),
    ),
  ),
  simple('ConcatV2 along the channels', [4, 4, 2], (g) =>
    g.op('ConcatV2', ['x', g.op('Relu', ['x']), 'x', g.integers([3], [])], { N: int(3) }),
  ),
  simple('ConcatV2 of vectors, from the end', [2, 2, 2], (g) => {
    const [a, b] = [g.op('Max', ['x', g.integers([1, 2])]), g.op('Mean', ['x', g.integers([1, 2])])];
    return g.op('ConcatV2', [a, b, g.integers([-1], [])], { N: int(2) });
  }),
  simple('AddV2 and Sub of two tensors', [4, 4, 2], (g) => {
    const a = g.op('Conv2D', ['x', g.random([3, 3, 2, 2])], conv());
    return g.op('Relu', [g.op('Sub', [g.op('AddV2', [a, 'x']), g.op('Tanh', ['x'])])]);
  }),
  simple('AddN', [3, 3, 2], (g) => g.op('AddN', ['x', g.op('Relu', ['x']), 'x'], { N: int(3) })),
  simple('Reshape to an image', [4, 3, 2], (g) => g.op('Reshape', ['x', g.integers([-1, 2, 3, 4])])),
  simple('Flatten by a computed shape', [3, 3, 2], (g) => {
    const [zero, one] = [g.integers([0]), g.integers([1])];
    const images = g.op('StridedSlice', [g.op('Shape', ['x']), zero, one, one], { shrink_axis_mask: int(1), begin_mask: int(0) });
    return g.op('Reshape', ['x', g.op('Pack', [images, g.integers([-1], [])], { N: int(2), axis: int(0) })]);
  }),
  simple('Reshape by joined parts of a shape', [4, 3, 2], (g) => {
    const [zero, one, three] = [g.integers([0]), g.integers([1]), g.integers([3])];
    const shape = g.op('Shape', ['x']);
    const first = g.op('StridedSlice', [shape, zero, one, one], { begin_mask: int(1) });
    const last = g.op('StridedSlice', [shape, three, zero, one], { end_mask: int(1) });
    return g.op('Reshape', ['x', g.op('ConcatV2', [first, g.integers([12]), g.integers([1]), last, g.integers([0], [])], { N: int(4) })]);
  }),
  simple('Identity of tensors and constants, NoOp and control inputs', [3, 3, 2], (g) => {
    g.nodes.push({ name: 'nothing', op: 'NoOp', input: ['^x'] });
    const kernel = g.op('Identity', [g.random([3, 3, 2, 3])]);
    const y = g.op('Conv2D', [g.op('Identity', ['x:0']), kernel, '^nothing'], conv());
    return g.op('Identity', [y]);
  }),
];

export const GRAPH_CASES: readonly GraphCase[] = [...convolutions, ...elementwise, ...clips, ...slopes, ...products, ...pools, ...shapes];
export const fileOf = ({ input, build }: GraphCase) => {
  const g = new GraphFile(input);
  return { g, output: build(g) };
};
