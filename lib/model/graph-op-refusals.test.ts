import { describe, expect, it } from 'vitest';
import { flag, float, type GraphFile, type GraphNodeJson, ints, word, words } from '../testing/graph-file';
import { against, graphReasons, same, smallGraph } from '../testing/graph-refusals';

describe('an operation is refused, by its node,', () => {
  const none = () => [];
  const kernel = (g: GraphFile) => [g.random([3, 3, 2, 3])];
  const biased = (g: GraphFile) => [...kernel(g), g.random([3])];
  it.each<[string, string, (g: GraphFile) => string[], GraphNodeJson['attr'], string]>([
    ['without an input', 'Conv2D', none, same, 'takes 2 to 4 inputs, got 1'],
    [
      'for a kernel that depends on the image',
      'Conv2D',
      () => ['x'],
      same,
      'input 1 must be a float32 constant, got what depends on the image',
    ],
    [
      'for a list of strides that is too short',
      'Conv2D',
      kernel,
      { ...same, strides: ints(2, 2) },
      'strides must be [1, height, width, 1], each at least 1, got [2,2]',
    ],
    [
      'for strides among channels',
      'Conv2D',
      kernel,
      { ...same, strides: ints(1, 1, 1, 2) },
      'strides must be [1, height, width, 1], each at least 1, got [1,1,1,2]',
    ],
    [
      'for strides of dilated windows',
      'Conv2D',
      kernel,
      { ...same, strides: ints(1, 2, 2, 1), dilations: ints(1, 2, 2, 1) },
      'strides and dilations must not both be above 1',
    ],
    [
      'for a window that does not fit',
      'Conv2D',
      (g) => [g.random([7, 7, 2, 1])],
      { ...same, padding: word('VALID') },
      'a window of 7×7 does not fit into 6×6',
    ],
    [
      'for an unknown padding',
      'MaxPool',
      none,
      { ...same, ksize: ints(1, 2, 2, 1), padding: word('EXPLICIT') },
      'padding must be SAME or VALID, got "EXPLICIT"',
    ],
    [
      'for paddings that are missing',
      'Conv2D',
      kernel,
      { ...same, padding: word('EXPLICIT') },
      'explicit_paddings must be [0, 0, top, bottom, left, right, 0, 0], got []',
    ],
    [
      'for groups',
      'Conv2D',
      (g) => [g.random([3, 3, 1, 4])],
      same,
      'its kernel has shape [3,3,1,4], [height, width, 2, …] expected; groups are not supported',
    ],
    [
      'for a fused batch norm',
      '_FusedConv2D',
      biased,
      { ...same, fused_ops: words('FusedBatchNorm') },
      'fused_ops must be BiasAdd, then none or one of Relu, Relu6, Elu, LeakyRelu, Sigmoid, Tanh, Prelu; got FusedBatchNorm',
    ],
    [
      'for fusing nothing',
      '_FusedConv2D',
      biased,
      same,
      'fused_ops must be BiasAdd, then none or one of Relu, Relu6, Elu, LeakyRelu, Sigmoid, Tanh, Prelu; got none',
    ],
    [
      'for a bias of another length',
      '_FusedConv2D',
      (g) => [...kernel(g), g.random([4])],
      { ...same, fused_ops: words('BiasAdd') },
      'input 2 has shape [4], [3] expected',
    ],
    ['for a matrix product of an image', 'MatMul', (g) => [g.random([2, 3])], {}, 'needs a vector as input, got [6,6,2]'],
    [
      'for a batch norm in training',
      'FusedBatchNormV3',
      (g) => [1, 2, 3, 4].map(() => g.random([2])),
      { is_training: flag(true), epsilon: float(0.1) },
      'is_training must be false',
    ],
    ['for a batch norm without epsilon', 'FusedBatchNormV3', (g) => [1, 2, 3, 4].map(() => g.random([2])), {}, 'epsilon is missing'],
    [
      'for a negative variance',
      'FusedBatchNormV3',
      (g) => [1, 2, 3].map(() => g.random([2])).concat(g.floats([2], [1, -1])),
      { epsilon: float(0.1) },
      'variance + epsilon must be positive',
    ],
    [
      'for a constant that varies over the image',
      'Mul',
      (g) => [g.random([6, 6, 2])],
      {},
      'its constant has shape [6,6,2]; one number, or one for each of the 2 channels, is needed',
    ],
    ['for a division by zero', 'RealDiv', (g) => [g.floats([], [0])], {}, 'its scale and shift must be finite numbers'],
    [
      'for a product of tensors that do not fit',
      'Mul',
      (g) => [g.op('Mean', ['x', g.integers([1, 2])])],
      {},
      'multiplies [6,6,2] and [2]; two tensors of one shape, or an image and a gate with sizes of 1, are needed',
    ],
    ['for a quotient of tensors', 'RealDiv', () => ['x'], {}, 'both inputs depend on the image; a constant is needed on one side'],
    ['for a maximum of tensors', 'Maximum', () => ['x'], {}, 'both inputs depend on the image; a constant is needed on one side'],
    ['for a maximum with a number a channel', 'Maximum', (g) => [g.random([2])], {}, 'its constant has shape [2]; one number is needed'],
    [
      'for a clip whose ends are crossed',
      'ClipByValue',
      (g) => [g.floats([], [2]), g.floats([], [1])],
      {},
      'its ends must be numbers, the lower one first, got 2 and 1',
    ],
    ['for another power', 'Pow', (g) => [g.floats([], [0.5])], {}, 'raises to the power 2 or 3 only; the exponent must be a constant'],
    ['for a root of what depends on the image', 'Sqrt', none, {}, 'takes constants only'],
    [
      'for slopes a row',
      'Prelu',
      (g) => [g.random([6, 1, 2])],
      {},
      'its slopes have shape [6,1,2]; one number, one for each channel or one for each place of [6,6,2] is needed',
    ],
    [
      'for a new axis among the images',
      'ExpandDims',
      (g) => [g.integers([0], [])],
      {},
      'axis must be a place behind the images of [images,6,6,2], got [0]',
    ],
    ['for a mean over other axes', 'Mean', (g) => [g.integers([1, 3])], {}, 'axes must be height and width [1,2], got [1,3]'],
    [
      'for padding with something',
      'PadV2',
      (g) => [g.integers([0, 0, 1, 1, 1, 1, 0, 0], [4, 2]), g.floats([], [1])],
      {},
      'pads with zeros only',
    ],
    [
      'for padding the channels',
      'Pad',
      (g) => [g.integers([0, 0, 1, 1, 1, 1, 0, 1], [4, 2])],
      {},
      'paddings must be [[0,0],[top,bottom],[left,right],[0,0]], got [0,0,1,1,1,1,0,1]',
    ],
    ['for joining rows', 'ConcatV2', (g) => ['x', g.integers([1], [])], {}, 'axis must be the last one, got [1]'],
    ['for mixing images', 'Reshape', (g) => [g.integers([-1, 36])], {}, '[6,6,2] cannot be reshaped to [-1,36]'],
    [
      'for a fixed number of images',
      'Reshape',
      (g) => [g.integers([4, 72])],
      {},
      'the new shape must leave the batch as it is, got [4,72]',
    ],
    ['for squeezing what is larger than 1', 'Squeeze', none, { squeeze_dims: ints(1) }, 'axes [1] must be sizes of 1 among [images,6,6,2]'],
    [
      'for slicing images',
      'StridedSlice',
      (g) => [g.integers([0]), g.integers([1]), g.integers([1])],
      {},
      'input 0 must be whole numbers, got what depends on the image',
    ],
    ['for a softmax over pixels', 'Softmax', none, {}, 'needs a vector as input, got [6,6,2]'],
    ['for too many inputs', 'AddN', () => Array.from({ length: 100 }, () => 'x'), {}, 'has 101 inputs; at most 100 are read'],
  ])('%s', async (_, op, inputs, attr, reason) => {
    expect(await against(op, inputs, attr)).toEqual([`node n (${op}): ${reason}`]);
  });

  it('for reading a softmax', async () => {
    const g = smallGraph();
    const end = g.op('Relu', [g.op('Softmax', ['fc'], {}, 'soft')]);
    expect(await graphReasons(g.json(end), g.shard())).toEqual(["node soft: a softmax is supported only as the network's output"]);
  });

  it('for a list of whole numbers that is no shape', async () => {
    const long = Array.from({ length: 65 }, () => 1);
    expect(await against('Reshape', (g) => [g.integers(long)])).toEqual([
      'node ints_1 (Const): holds 65 whole numbers; at most 64 are read',
    ]);
  });
});
