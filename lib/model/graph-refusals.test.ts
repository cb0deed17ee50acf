import { describe, expect, it } from 'vitest';
import { GraphFile, type GraphJson, type, word } from '../testing/graph-file';
import { after, graphReasons } from '../testing/graph-refusals';

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
    expect(await graphReasons(g.json('n'), g.shard())).toEqual([]);
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
