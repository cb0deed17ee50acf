import { describe, expect, it } from 'vitest';
import {
  asLayer,
  batchNorm,
  conv,
  dense,
  functional,
  type KerasLayer,
  type KerasModel,
  plain,
  sequential,
  type Wire,
  writeModel,
} from '../testing/keras-model';
import { c, flat, INPUT, logits, reasonsOf, stack, wired } from '../testing/refusals';
import { readBundle } from './bundle';
import { readLayersModel } from './layers-model';

describe('a layer is refused', () => {
  it.each<[string, KerasLayer[], string]>([
    ['of an unknown class', [plain('LayerNormalization', 'ln')], 'layer ln: LayerNormalization is not a supported layer'],
    [
      'that is an operation between layers',
      [plain('TFOpLambda', 'plus', { function: 'math.add' })],
      'layer plus: TFOpLambda is not a supported layer; use a layer of Keras for it, or convert the SavedModel to a graph model',
    ],
    ['that holds code', [plain('Lambda', 'code', { function: ['4wEAAAA=', null, null] })], 'layer code: Lambda is not a supported layer'],
    ['of a class of its own', [plain('MyPackage>Gate', 'gate')], 'layer gate: MyPackage>Gate is not a supported layer'],
    ['called constructor', [plain('constructor', 'x')], 'layer x: constructor is not a supported layer'],
    ['called __proto__', [plain('__proto__', 'x')], 'layer x: __proto__ is not a supported layer'],
    [
      'with grouped convolution',
      [conv('g', [3, 3, 1, 2], { groups: 2 })],
      'layer g (Conv2D): grouped convolutions are not supported; groups must be 1',
    ],
    [
      'with strides and dilation',
      [conv('d', [3, 3, 2, 2], { strides: [2, 2], dilation_rate: [2, 2] })],
      'layer d (Conv2D): strides and dilation_rate must not both be above 1',
    ],
    [
      'with channels first',
      [conv('d', [3, 3, 2, 2], { data_format: 'channels_first' })],
      'layer d (Conv2D): data_format must be channels_last',
    ],
    [
      'with causal padding',
      [conv('d', [3, 3, 2, 2], { padding: 'causal' })],
      'layer d (Conv2D): padding must be same or valid, got causal',
    ],
    ['whose window does not fit', [conv('d', [7, 7, 2, 2])], 'layer d (Conv2D): a window of 7×7 does not fit into 6×6'],
    ['without filters', [conv('d', [3, 3, 2, 2], { filters: 0 })], 'layer d (Conv2D): filters must be a whole number of at least 1, got 0'],
    [
      'with half a filter',
      [conv('d', [3, 3, 2, 2], { filters: 1.5 })],
      'layer d (Conv2D): filters must be a whole number of at least 1, got 1.5',
    ],
    [
      'with a stride of 0',
      [conv('d', [3, 3, 2, 2], { strides: [0, 1] })],
      'layer d (Conv2D): strides must be one or two whole numbers of at least 1, got [0,1]',
    ],
    [
      'with one size too few',
      [conv('d', [3, 3, 2, 2], { kernel_size: [3] })],
      'layer d (Conv2D): kernel_size must be one or two whole numbers of at least 1, got [3]',
    ],
    [
      'with a flag that is a word',
      [conv('d', [3, 3, 2, 2], { use_bias: 'no' })],
      'layer d (Conv2D): use_bias must be true or false, got "no"',
    ],
    [
      'with an unknown activation',
      [conv('d', [3, 3, 2, 2], { activation: 'toString' })],
      'layer d (Conv2D): activation "toString" is not supported; known: linear, softmax, relu,',
    ],
    [
      'with an activation of its own',
      [conv('d', [3, 3, 2, 2], { activation: { class_name: 'Custom' } })],
      'layer d (Conv2D): activation must be the name of an activation, got {"class_name":"Custom"}',
    ],
    ['that is dense on an image', [dense('fc', [2, 3])], 'layer fc (Dense): needs a vector as input, got [6,6,2]; add a Flatten'],
    [
      'that is a convolution on a vector',
      [flat, conv('d', [3, 3, 2, 2])],
      'layer d (Conv2D): needs an image [height, width, channels] as input, got [72]',
    ],
    ['that normalises rows', [batchNorm('bn', 2, { axis: 1 })], 'layer bn (BatchNormalization): axis must be the last one'],
    [
      'that normalises rows by constants',
      [plain('Normalization', 'n', { axis: 1, mean: 0, variance: 1 })],
      'layer n (Normalization): axis must be the last one',
    ],
    [
      'that undoes a normalisation',
      [plain('Normalization', 'n', { axis: -1, mean: 0, variance: 1, invert: true })],
      'layer n (Normalization): invert must be false',
    ],
    [
      'with a negative variance',
      [plain('Normalization', 'n', { axis: -1, mean: 0, variance: -1 })],
      'layer n (Normalization): its scale and shift must be finite numbers',
    ],
    [
      'whose factor does not fit float32',
      [plain('Rescaling', 'r', { scale: 1e300, offset: 0 })],
      'layer r (Rescaling): its scale and shift must be finite numbers',
    ],
    [
      'with a variance below −ε',
      [batchNorm('bn', 2, { epsilon: -1.6 })],
      'layer bn (BatchNormalization): moving_variance + epsilon must be positive',
    ],
    ['with a threshold', [plain('ReLU', 'r', { threshold: 1 })], 'layer r (ReLU): threshold must be 0: the output would jump there'],
    ['with another maximum', [plain('ReLU', 'r', { max_value: -1 })], 'layer r (ReLU): negative_slope and max_value must be at least 0'],
    [
      'with constants for other channels',
      [plain('Rescaling', 'r', { scale: [1, 2, 3] })],
      'layer r (Rescaling): scale must hold 1 or 2 numbers, got 3',
    ],
    [
      'with negative padding',
      [
        plain('ZeroPadding2D', 'p', {
          padding: [
            [-1, 0],
            [0, 0],
          ],
        }),
      ],
      'layer p (ZeroPadding2D): padding must be whole numbers of at least 0',
    ],
    ['that joins one tensor', [plain('Add', 'sum')], 'layer sum (Add): needs at least two inputs'],
    ['that multiplies one tensor', [plain('Multiply', 'by')], 'layer by (Multiply): takes two inputs, got 1; multiply in pairs'],
    [
      'with slopes shared along the last axis',
      [{ ...plain('PReLU', 'p', { shared_axes: [3] }), weights: { alpha: [6, 6, 1] } }],
      'layer p (PReLU): shared_axes must be the first ones, such as [1,2], or none, got [3]',
    ],
    [
      'with slopes for an axis that is not there',
      [{ ...plain('PReLU', 'p', { shared_axes: [4] }), weights: { alpha: [6, 6, 2] } }],
      'layer p (PReLU): shared_axes must be the first ones, such as [1,2], or none, got [4]',
    ],
    [
      'whose shape does not divide',
      [plain('Reshape', 'r', { target_shape: [5, -1] })],
      'layer r (Reshape): [6,6,2] cannot be reshaped to [5,14.4]',
    ],
    [
      'with two open sizes',
      [plain('Reshape', 'r', { target_shape: [-1, -1] })],
      'layer r (Reshape): target_shape must be whole numbers of at least 1 with at most one -1, got [-1,-1]',
    ],
    [
      'with a size of 0',
      [plain('Reshape', 'r', { target_shape: [0, 72] })],
      'layer r (Reshape): target_shape must be whole numbers of at least 1',
    ],
    [
      'with a pool of nothing',
      [plain('MaxPooling2D', 'p', { pool_size: [0, 2] })],
      'layer p (MaxPooling2D): pool_size must be one or two whole numbers',
    ],
    ['with a softmax before the end', [plain('Softmax', 's'), c], "layer s: a softmax is supported only as the network's output"],
    [
      'with a softmax activation before the end',
      [conv('s', [3, 3, 2, 2], { activation: 'softmax' }), conv('d', [3, 3, 2, 2])],
      "layer s: a softmax is supported only as the network's output",
    ],
    [
      'with a softmax on a softmax',
      [flat, plain('Softmax', 's'), plain('Softmax', 't')],
      "layer s: a softmax is supported only as the network's output",
    ],
  ])('%s', async (_, layers, reason) => {
    const reasons = await reasonsOf(stack(...layers));
    expect(reasons).toHaveLength(1);
    expect(reasons[0].slice(0, reason.length)).toBe(reason);
  });

  it('together with every other that is wrong', async () => {
    const model = stack(plain('LSTM', 'a'), c, plain('Lambda', 'b'), plain('Attention', 'c2'), dense('fc', [3, 3]));
    expect(await reasonsOf(model)).toEqual(
      ['a: LSTM', 'b: Lambda', 'c2: Attention'].map((what) => `layer ${what} is not a supported layer`),
    );
  });

  it('that joins different shapes', async () => {
    const arms: Wire[] = [
      [c, 'input'],
      [plain('Add', 'j'), ['c', 'input']],
    ];
    expect(await reasonsOf(functional(INPUT, arms, 'j'))).toEqual(['layer j (Add): inputs must have one shape, got [4,4,3], [6,6,2]']);
    const cat = (config: object): Wire[] => [arms[0], [plain('Concatenate', 'j', { ...config }), ['c', 'input']]];
    expect(await reasonsOf(functional(INPUT, cat({}), 'j'))).toEqual([
      'layer j (Concatenate): inputs must agree in all but the last size, got [4,4,3], [6,6,2]',
    ]);
    expect(await reasonsOf(functional(INPUT, cat({ axis: 1 }), 'j'))).toEqual(['layer j (Concatenate): axis must be the last one']);
  });
});

describe('a weight is refused', () => {
  const after = async (change: (weights: { name: string; shape: number[] }[]) => void) => {
    const { json, shard } = writeModel(stack(c, flat, logits));
    change(json.weightsManifest[0].weights);
    const bundle = await readBundle(
      new Map([
        ['model.json', new TextEncoder().encode(JSON.stringify(json))],
        [json.weightsManifest[0].paths[0], shard],
      ]),
    );
    if (!bundle.ok) throw new Error(bundle.reasons.join());
    const read = readLayersModel(bundle.value);
    return read.ok ? [] : read.reasons;
  };

  it('that is missing', async () => {
    expect(await after((w) => (w[0].name = 'other/kernel'))).toEqual(['layer c (Conv2D): weight c/kernel is not in the weights manifest']);
  });

  it('that has another shape', async () => {
    expect(await after((w) => (w[0].shape = [3, 3, 3, 2]))).toEqual([
      'layer c (Conv2D): weight c/kernel has shape [3,3,3,2], [3,3,2,3] expected',
    ]);
  });

  it('that is not the only one of its role', async () => {
    expect(await after((w) => (w[1].name = 'scope/c/kernel_1'))).toEqual([
      'layer c (Conv2D): several weights match kernel: c/kernel, scope/c/kernel_1',
    ]);
  });

  it.each(['c/kernel:0', 'scope/c/kernel', 'c/kernel_1', 'a/b/c/kernel:0'])('not for being called %s', async (name) => {
    expect(await after((w) => (w[0].name = name))).toEqual([]);
  });
});

describe('a topology is refused', () => {
  it.each<[string, KerasModel, RegExp]>([
    [
      'with a cycle',
      wired((m) => (m.layers[1].inbound_nodes = [[['c', 0, 0, {}]]])),
      /^model\.json: layers c form a cycle or lack an input$/,
    ],
    ['whose layer reads nothing', wired((m) => (m.layers[1].inbound_nodes = [[]])), /^layer c: has no input$/],
    [
      'whose convolution reads two tensors',
      wired(
        (m) =>
          (m.layers[1].inbound_nodes = [
            [
              ['model_input', 0, 0, {}],
              ['model_input', 0, 0, {}],
            ],
          ]),
      ),
      /^layer c: Conv2D takes one input, got 2$/,
    ],
    [
      'that reads a layer that is not there',
      wired((m) => (m.layers[1].inbound_nodes = [[['ghost', 0, 0, {}]]])),
      /^layer c: its input ghost does not exist$/,
    ],
    [
      'that reads a second output',
      wired((m) => (m.layers[1].inbound_nodes = [[['model_input', 0, 1, {}]]])),
      /^layer c: reads output 1 of model_input; layers have one output$/,
    ],
    [
      'that reads a call that is not there',
      wired((m) => (m.layers[1].inbound_nodes = [[['model_input', 3, 0, {}]]])),
      /form a cycle or lack an input$/,
    ],
    [
      'written by Keras 3',
      wired(
        (m) =>
          (m.layers[1].inbound_nodes = [
            { args: [{ class_name: '__keras_tensor__', config: { keras_history: ['model_input', 0, 0] } }], kwargs: {} },
          ]),
      ),
      /^layer c: inbound_nodes is not in the Keras 2 form; save the model with Keras 2/,
    ],
    ['whose output is not there', wired((m) => (m.output_layers = [['ghost', 0, 0]])), /^model\.json: output layer ghost does not exist$/],
    [
      'with two outputs',
      wired(
        (m) =>
          (m.output_layers = [
            ['c', 0, 0],
            ['model_input', 0, 0],
          ]),
      ),
      /^model\.json: output_layers must name exactly one tensor$/,
    ],
    ['without an input', wired((m) => (m.input_layers = [])), /^model\.json: input_layers must name exactly one tensor$/],
    [
      'with a second input, whose share of the gradient would be lost',
      wired((m) => m.layers.push({ ...m.layers[0], name: 'second' })),
      /^model\.json: a model must have one input layer, named in input_layers; got model_input, second$/,
    ],
    ['whose input is another layer', wired((m) => (m.input_layers = [['c', 0, 0]])), /^model\.json: a model must have one input layer/],
    ['with one name for two layers', stack(plain('ReLU', 'c'), plain('ReLU', 'c')), /^model\.json: two layers are called c$/],
    ['without layers', stack(), /^model\.json: Sequential holds no layers$/],
    [
      'of a class of its own',
      { config: { class_name: 'MyModel', config: {} }, layers: [] },
      /^model\.json: modelTopology must be a Sequential or Functional model, got MyModel$/,
    ],
    [
      'whose input is a vector',
      sequential([72], [dense('fc', [72, 3])]),
      /^layer fc: the input must be an image \[height, width, channels\], got \[72\]$/,
    ],
    [
      'whose input has an open size',
      sequential([null as never, 6, 2], [c]),
      /the input must be an image \[height, width, channels\], got \[null,6,2\]$/,
    ],
    ['whose input has a size of 0', sequential([0, 6, 2], [c]), /the input must be an image .*, got \[0,6,2\]$/],
    ['whose input is negative', sequential([6, -6, 2], [c]), /the input must be an image .*, got \[6,-6,2\]$/],
    [
      'that does not state its input',
      { config: { class_name: 'Sequential', config: { layers: [c] } }, layers: [c] },
      /^layer c: the first layer must state batch_input_shape$/,
    ],
    [
      'with a layer that is no object',
      { config: { class_name: 'Sequential', config: { layers: [null] } }, layers: [] },
      /^model\.json: layer 0 needs class_name and config$/,
    ],
  ])('%s', async (_, model, reason) => {
    const reasons = await reasonsOf(model);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(reason);
  });

  it('that nests models more than 8 deep', async () => {
    const nest = (depth: number): KerasModel =>
      depth === 0 ? sequential(INPUT, [c], 'm0') : sequential(INPUT, [asLayer(nest(depth - 1))], `m${depth}`);
    expect(await reasonsOf(nest(8))).toEqual([]);
    expect(await reasonsOf(nest(9))).toEqual(['model.json: models are nested more than 8 deep']);
  });
});

it('a product of shapes that do not fit is refused with both', async () => {
  const wires: Wire[] = [
    [c, 'input'],
    [plain('Multiply', 'by'), ['c', 'input']],
  ];
  expect(await reasonsOf(functional([6, 6, 2], wires, 'by'))).toEqual([
    'layer by (Multiply): multiplies [4,4,3] and [6,6,2]; two tensors of one shape, or an image and a gate with sizes of 1, are needed',
  ]);
});
