import { describe, expect, it } from 'vitest';
import { filesOf, flag, float, GraphFile, type GraphJson, type GraphNodeJson, int, ints, type, word, words } from '../testing/graph-file';
import { LIMITS, type ModelBundle } from './bundle';
import { readGraphModel } from './graph-model';
import { readModel } from './preflight';

const same = { strides: ints(1, 1, 1, 1), padding: word('SAME'), data_format: word('NHWC') };

/** x → conv → mean → fc, [6, 6, 2] to 4 classes. */
function small() {
  const g = new GraphFile([6, 6, 2]);
  const conv = g.op('Conv2D', ['x', g.random([3, 3, 2, 3])], same, 'conv');
  const mean = g.op('Mean', [conv, g.integers([1, 2])], { keep_dims: flag(false) }, 'mean');
  g.op('MatMul', [mean, g.random([3, 4])], {}, 'fc');
  return g;
}

async function reasonsOf(json: GraphJson, shard: Uint8Array): Promise<string[]> {
  const read = await readModel(filesOf(json, shard));
  return read.ok ? [] : read.reasons;
}
/** Reasons after a change of the small graph's file. */
async function after(change: (json: GraphJson, node: (name: string) => GraphNodeJson) => void): Promise<string[]> {
  const g = small();
  const json = g.json('fc');
  change(json, (name) => json.modelTopology.node.find((n) => n.name === name) as GraphNodeJson);
  return reasonsOf(json, g.shard());
}
/** Reasons against a graph of one more operation, `n`, that reads the image and what `inputs` makes. */
async function against(op: string, inputs: (g: GraphFile) => string[], attr: GraphNodeJson['attr'] = {}): Promise<string[]> {
  const g = new GraphFile([6, 6, 2]);
  g.op(op, ['x', ...inputs(g)], attr, 'n');
  return reasonsOf(g.json('n'), g.shard());
}

describe('the file of a graph model', () => {
  it('is read, whether or not a signature names its ends', async () => {
    expect(await after(() => {})).toEqual([]);
    expect(await after((json) => delete json.signature)).toEqual([]);
    expect(
      await after((json) => {
        json.userDefinedMetadata = { signature: json.signature };
        delete json.signature;
      }),
    ).toEqual([]);
  });

  it('may take its shape from the signature alone', async () => {
    expect(await after((_, node) => delete node('x').attr?.shape)).toEqual([]);
    expect(
      await after((_, node) => {
        (node('x').attr as Record<string, unknown>).shape = { shape: { unknownRank: true } };
      }),
    ).toEqual([]);
  });

  it('may state one image a batch, and reshape to it', async () => {
    const g = new GraphFile([2, 2, 2], 1);
    g.op('Reshape', ['x', g.integers([1, 8])], {}, 'n');
    expect(await reasonsOf(g.json('n'), g.shard())).toEqual([]);
  });

  const input = (json: GraphJson) => json.signature?.inputs as Record<string, unknown>;
  const output = (json: GraphJson) => json.signature?.outputs as Record<string, unknown>;
  it.each<[string, Parameters<typeof after>[0], string]>([
    ['no nodes', (json) => (json.modelTopology.node = []), 'model.json: modelTopology holds no nodes'],
    [
      'functions',
      (json) => (json.modelTopology.library = { function: [{}] }),
      'model.json: modelTopology.library holds functions; freeze the model so that its graph is flat',
    ],
    [
      'an initialiser',
      (json) => (json.modelInitializer = { node: [{}] }),
      'model.json: modelInitializer fills tables, which are not supported',
    ],
    ['a node without a name', (_, node) => (node('conv').name = ''), 'model.json: node 2 needs name and op'],
    ['two nodes of one name', (_, node) => (node('mean').name = 'conv'), 'model.json: two nodes are called conv'],
    ['an input that is not there', (_, node) => (node('conv').input = ['y', 'const_1']), 'node conv (Conv2D): its input y does not exist'],
    [
      'a second output',
      (_, node) => (node('mean').input = ['conv:1', 'ints_3']),
      'node mean (Mean): reads output 1 of conv; the first only is supported',
    ],
    ['a cycle', (_, node) => (node('conv').input = ['mean', 'const_1']), 'node conv (Conv2D): it and mean are in a cycle'],
    ['a node that reads itself', (_, node) => (node('conv').input = ['conv', 'const_1']), 'node conv (Conv2D): it and conv are in a cycle'],
    [
      'two inputs',
      (json) => json.modelTopology.node.push({ name: 'z', op: 'Placeholder' }),
      'model.json: the graph must have one Placeholder, its input; got x, z',
    ],
    ['no input', (_, node) => (node('x').op = 'Const'), 'model.json: the graph must have one Placeholder, its input; got none'],
    ['a signature of two inputs', (json) => (input(json).more = {}), 'model.json: signature.inputs must name one tensor, got 2'],
    [
      'a signature of another input',
      (json) => (input(json).image = { name: 'conv:0' }),
      "model.json: signature.inputs names conv, the graph's input is x",
    ],
    ['a signature of two outputs', (json) => (output(json).more = {}), 'model.json: signature.outputs must name one tensor, got 2'],
    ['a signature of no node', (json) => (output(json).logits = { name: 'z:0' }), 'model.json: output node z does not exist'],
    [
      'a signature of a constant',
      (json) => (output(json).logits = { name: 'const_1:0' }),
      'model.json: output const_1 does not depend on the image',
    ],
    [
      'several ends and no signature',
      (json) => {
        delete json.signature;
        json.modelTopology.node.push({ name: 'end', op: 'Relu', input: ['conv'] });
      },
      'model.json: the graph must have one output; got fc, end',
    ],
    [
      'an input of open size',
      (_, node) => ((node('x').attr as Record<string, unknown>).shape = { shape: { dim: [-1, -1, -1, 3].map((size) => ({ size })) } }),
      'node x (Placeholder): the input must be images [-1, height, width, channels] of fixed size, got [-1,-1,-1,3]',
    ],
    [
      'an input of several images',
      (_, node) => ((node('x').attr as Record<string, unknown>).shape = { shape: { dim: [8, 6, 6, 2].map((size) => ({ size })) } }),
      'node x (Placeholder): the input must be images [-1, height, width, channels] of fixed size, got [8,6,6,2]',
    ],
    [
      'an input of whole numbers',
      (_, node) => ((node('x').attr as Record<string, unknown>).dtype = type('DT_UINT8')),
      'node x (Placeholder): dtype is DT_UINT8; DT_FLOAT is needed',
    ],
    [
      'double precision',
      (_, node) => ((node('conv').attr as Record<string, unknown>).T = { type: 2 }),
      'node conv (Conv2D): T is DT_DOUBLE; DT_FLOAT is needed',
    ],
    [
      'a constant of another type than its weight',
      (_, node) => ((node('const_1').attr as Record<string, unknown>).dtype = type('DT_INT32')),
      'node const_1 (Const): dtype is DT_INT32, its weight float32',
    ],
    [
      'strings',
      (json) => Object.assign(json.weightsManifest[0].weights[0], { dtype: 'string' }),
      'model.json: weight const_1 has type string; float32 or int32 is needed',
    ],
    [
      'a constant without a value',
      (json) => (json.weightsManifest[0].weights[0].name = 'other'),
      'node const_1 (Const): its value is not in the weights manifest',
    ],
    [
      'an attribute in another form',
      (_, node) => ((node('conv').attr as Record<string, unknown>).padding = { s: '*' }),
      'node conv (Conv2D): attribute padding must be a word in base64, got {"s":"*"}',
    ],
    [
      'control flow, named before all else',
      (json) => json.modelTopology.node.push({ name: 's', op: 'Switch', input: ['nothing'] }),
      'node s (Switch): control flow is not supported; export the inference graph, frozen and flat',
    ],
    [
      'tables',
      (json) => json.modelTopology.node.push({ name: 't', op: 'HashTableV2' }),
      'node t (HashTableV2): tables and variables are not supported; freeze the graph',
    ],
    [
      'an operation that is not known',
      (json) => json.modelTopology.node.push({ name: 'r', op: 'constructor', input: ['x'] }),
      'node r (constructor): constructor is not a supported operation',
    ],
  ])('is refused for %s', async (_, change, reason) => {
    expect(await after(change)).toEqual([reason]);
  });

  it.each([
    ['MirrorPad', 'padding by reflection is not supported; pad with zeros'],
    ['Transpose', 'changes of layout are not supported; export the model as NHWC throughout, Flatten included'],
    ['SplitV', 'parts and copies of a tensor are not supported; use convolutions, pools and ConcatV2'],
    ['SpaceToBatchND', 'a convolution dilated by moving pixels into the batch is not supported; state its dilations'],
    ['DepthToSpace', 'moving pixels into channels is not supported; use a convolution with strides'],
    ['ResizeBilinear', "resizing is not supported; the model must take images of the board's size"],
    ['BatchMatMulV2', 'products of two matrices that depend on the image (attention) are not supported; MatMul by a constant is'],
    ['ArgMax', 'the output must be logits or a softmax, not classes'],
    ['LRN', 'this normalisation is not supported; end in logits or in Softmax, use batch norms'],
    ['RandomUniform', 'draws at random; export the graph for inference'],
    ['Cast', 'types must not change; the input must be float32, pixels in [0, 1]'],
    ['DecodeJpeg', 'files and strings are not supported; the input must be the pixels'],
    ['FakeQuantWithMinMaxVars', 'quantisation inside the graph is not supported; let the converter quantise the weights'],
    ['Conv2DBackpropInput', 'only convolutions of images, Conv2D and DepthwiseConv2dNative, are supported'],
  ])('is refused for %s with what would be right', async (op, advice) => {
    expect(await after((json) => json.modelTopology.node.push({ name: 'r', op, input: ['x'] }))).toEqual([`node r (${op}): ${advice}`]);
  });

  it('is refused for every unknown operation at once', async () => {
    const names = ['StatelessIf', 'While', 'Merge', 'Enter', 'Exit', 'PartitionedCall', 'TensorListReserve', 'VarHandleOp', 'Where'];
    const reasons = await after((json) => json.modelTopology.node.push(...names.map((op) => ({ name: op.toLowerCase(), op }))));
    expect(reasons).toHaveLength(names.length);
    expect(reasons.filter((r) => r.includes('control flow'))).toHaveLength(7);
  });

  it('is refused for every node that is wrong, but not for those that only read them', async () => {
    const reasons = await after((_, node) => {
      (node('conv').attr as Record<string, unknown>).data_format = word('NCHW');
      (node('ints_3').attr as Record<string, unknown>).dtype = type('DT_FLOAT');
    });
    expect(reasons).toEqual([
      'node conv (Conv2D): data_format must be NHWC, got "NCHW"',
      'node ints_3 (Const): dtype is DT_FLOAT, its weight int32',
    ]);
  });
});

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
    const g = small();
    const end = g.op('Relu', [g.op('Softmax', ['fc'], {}, 'soft')]);
    expect(await reasonsOf(g.json(end), g.shard())).toEqual(["node soft: a softmax is supported only as the network's output"]);
  });

  it('for a list of whole numbers that is no shape', async () => {
    const long = Array.from({ length: 65 }, () => 1);
    expect(await against('Reshape', (g) => [g.integers(long)])).toEqual([
      'node ints_1 (Const): holds 65 whole numbers; at most 64 are read',
    ]);
  });
});

describe('limits of a graph', () => {
  const relus = (count: number) => {
    const g = new GraphFile([2, 2, 1]);
    let at = 'x';
    for (let i = 0; i < count; i++) at = g.op('Relu', [at]);
    return reasonsOf(g.json(at), g.shard());
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
    const one = g.op('MatMul', [flat, 'w'], { transpose_b: flag(true) }, 'one');
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
    expect(await reasonsOf(g.json('n'), g.shard())).toEqual([
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
