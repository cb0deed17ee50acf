/** Small models that together hold every supported layer class with every option that changes numbers. */
import { JOINED_CASES } from './joined-cases';
import { batchNorm, conv, dense, depthwise, plain, separable } from './keras-model';
import { type LayerCase, relu, same, stacked, unknown } from './layer-case';

const c3 = conv('conv', [3, 3, 2, 3]);
const NAMED_ACTIVATIONS = 'linear relu relu6 elu selu sigmoid hard_sigmoid tanh softplus softsign swish gelu'.split(' ');

const convolutions = [
  stacked('conv 3×3 valid', [6, 7, 2], c3),
  stacked('conv 3×3 same with ReLU', [6, 7, 2], conv('conv', [3, 3, 2, 4], { ...same, ...relu })),
  stacked('conv without bias, tanh', [5, 5, 3], conv('conv', [3, 3, 3, 2], { use_bias: false, activation: 'tanh' })),
  stacked('conv stride 2 same, even size', [6, 8, 2], conv('conv', [3, 3, 2, 3], { ...same, strides: [2, 2] })),
  stacked('conv stride 2 same, odd size', [7, 5, 2], conv('conv', [3, 3, 2, 3], { ...same, strides: 2, ...relu })),
  stacked('conv stride 2 valid that leaves a row over', [8, 6, 2], conv('conv', [3, 3, 2, 3], { strides: [2, 2] })),
  stacked(
    'conv stride 2 after symmetric padding, as PyTorch pads',
    [8, 8, 2],
    plain('ZeroPadding2D', 'pad', { padding: [1, 1] }),
    conv('conv', [3, 3, 2, 3], { strides: [2, 2] }),
  ),
  stacked('conv 1×1', [4, 5, 3], conv('conv', [1, 1, 3, 4])),
  stacked('conv 1×1 stride 2, even size', [6, 6, 3], conv('conv', [1, 1, 3, 2], { strides: [2, 2], use_bias: false })),
  stacked('conv 1×1 stride 2, odd size', [7, 5, 3], conv('conv', [1, 1, 3, 2], { ...same, strides: [2, 2] })),
  stacked('conv 2×2 same, padded on one side only', [5, 4, 2], conv('conv', [2, 2, 2, 3], same)),
  stacked('conv 4×4 stride 4 (patches)', [8, 12, 1], conv('conv', [4, 4, 1, 3], { strides: [4, 4] })),
  stacked('conv 5×5 stride 3 same', [10, 8, 2], conv('conv', [5, 5, 2, 2], { ...same, strides: [3, 3] })),
  stacked('conv 7×7 stride 2 same (stem)', [11, 12, 1], conv('conv', [7, 7, 1, 2], { ...same, strides: [2, 2] })),
  stacked('conv with a window larger than the image', [3, 2, 2], conv('conv', [5, 5, 2, 2], same)),
  stacked('conv with uneven strides, valid', [7, 8, 2], conv('conv', [3, 2, 2, 3], { strides: [1, 2] })),
  stacked('conv with uneven strides, same', [7, 8, 2], conv('conv', [3, 3, 2, 3], { ...same, strides: [3, 2], ...relu })),
  stacked('conv dilated by 2, same', [7, 8, 2], conv('conv', [3, 3, 2, 3], { ...same, dilation_rate: [2, 2] })),
  stacked('conv dilated by 2 and 3, valid', [9, 9, 2], conv('conv', [3, 3, 2, 2], { dilation_rate: [2, 3] })),
  stacked('depthwise 3×3 same', [6, 5, 3], depthwise('dw', [3, 3, 3, 1], same)),
  stacked('depthwise with multiplier 2, stride 2 and ReLU', [7, 6, 2], depthwise('dw', [3, 3, 2, 2], { strides: [2, 2], ...relu })),
  // tfjs-layers leaves the dilation out
  unknown(
    stacked('depthwise dilated by 2, same', [7, 7, 2], depthwise('dw', [3, 3, 2, 1], { ...same, dilation_rate: [2, 2], use_bias: false })),
  ),
  stacked(
    'depthwise stride 2 same, even size, then batch norm',
    [6, 8, 2],
    depthwise('dw', [3, 3, 2, 2], { ...same, strides: [2, 2] }),
    batchNorm('bn', 4),
  ),
  stacked(
    'separable with multiplier 2, stride 2 and ReLU',
    [7, 6, 2],
    separable('sep', [3, 3, 2, 2], 3, { ...same, strides: [2, 2], ...relu }),
  ),
  stacked('separable without bias, dilated', [8, 8, 2], separable('sep', [3, 3, 2, 1], 3, { use_bias: false, dilation_rate: [2, 2] })),
];

const elementwise = [
  ...NAMED_ACTIVATIONS.map((activation) => stacked(`activation ${activation}`, [4, 4, 2], plain('Activation', 'act', { activation }))),
  unknown(stacked('activation gelu_new', [4, 4, 2], plain('Activation', 'act', { activation: 'gelu_new' }))),
  unknown(
    stacked(
      'activations silu and leaky_relu, named as Keras names them',
      [4, 4, 2],
      plain('Activation', 'silu', { activation: 'silu' }),
      plain('Activation', 'leaky', { activation: 'leaky_relu' }),
    ),
    [plain('Activation', 'silu', { activation: 'swish' }), plain('LeakyReLU', 'leaky', { alpha: 0.2 })],
  ),
  stacked('batch norm first, then conv', [5, 5, 2], batchNorm('bn', 2), c3),
  stacked('conv, batch norm and ReLU', [5, 5, 2], c3, batchNorm('bn', 3, { epsilon: 1e-5 }), plain('ReLU', 'relu')),
  stacked(
    'names with slashes, as in the DenseNet of Keras',
    [5, 5, 2],
    conv('conv1/conv', [3, 3, 2, 3]),
    batchNorm('conv1/bn', 3),
    conv('last', [1, 1, 3, 2]),
  ),
  stacked('batch norm without scale', [5, 5, 2], c3, batchNorm('bn', 3, { scale: false })),
  stacked('batch norm without centre', [5, 5, 2], c3, batchNorm('bn', 3, { center: false, axis: [3] })),
  stacked(
    'batch norm without either, before a ReLU',
    [5, 5, 2],
    batchNorm('bn', 2, { scale: false, center: false }),
    plain('ReLU', 'relu'),
    c3,
  ),
  stacked('batch norm of a vector', [3, 3, 2], plain('Flatten', 'flat'), dense('fc', [18, 5]), batchNorm('bn', 5), dense('out', [5, 3])),
  stacked('conv, ReLU, then batch norm', [5, 5, 2], conv('conv', [3, 3, 2, 3], relu), batchNorm('bn', 3)),
  stacked('rescaling', [4, 4, 3], plain('Rescaling', 'scale', { scale: 2.5, offset: -0.5 }), conv('conv', [3, 3, 3, 2])),
  unknown(stacked('rescaling per channel', [4, 4, 2], plain('Rescaling', 'scale', { scale: [2, 0.5], offset: [-1, 0.25] }))),
  unknown(
    stacked(
      'normalisation with its mean in the config',
      [4, 4, 2],
      plain('Normalization', 'norm', { axis: [-1], mean: [0.3, -0.1], variance: [0.25, 4] }),
    ),
  ),
  unknown(
    stacked('normalisation with its mean among the weights', [4, 4, 2], {
      ...plain('Normalization', 'norm', { axis: [-1] }),
      weights: { mean: [2], variance: [2] },
    }),
  ),
  unknown(
    stacked(
      'layers that only training sees',
      [5, 5, 2],
      plain('Dropout', 'd1', { rate: 0.5 }),
      plain('SpatialDropout2D', 'd2', { rate: 0.5 }),
      plain('AlphaDropout', 'd3', { rate: 0.5 }),
      plain('GaussianDropout', 'd4', { rate: 0.5 }),
      plain('GaussianNoise', 'd5', { stddev: 1 }),
      c3,
    ),
    [
      plain('Dropout', 'd1', { rate: 0.5 }),
      plain('AlphaDropout', 'd3', { rate: 0.5 }),
      plain('GaussianDropout', 'd4', { rate: 0.5 }),
      plain('GaussianNoise', 'd5', { stddev: 1 }),
      c3,
    ],
  ),
];

const POOLS = ['MaxPooling2D', 'AveragePooling2D'].flatMap((kind) => [
  stacked(`${kind} with its defaults`, [7, 6, 2], plain(kind, 'pool')),
  stacked(`${kind} 3×3 stride 2, overlapping`, [7, 9, 2], plain(kind, 'pool', { pool_size: [3, 3], strides: [2, 2] })),
  stacked(`${kind} 3×3 stride 2 same, padded unevenly`, [6, 8, 2], plain(kind, 'pool', { pool_size: [3, 3], strides: [2, 2], ...same })),
  stacked(`${kind} 2×2 stride 1 same`, [4, 5, 2], plain(kind, 'pool', { pool_size: 2, strides: 1, ...same })),
  stacked(
    `${kind} of a ReLU`,
    [6, 8, 2],
    conv('conv', [3, 3, 2, 3], { ...same, ...relu }),
    plain(kind, 'pool', { pool_size: [3, 3], strides: [2, 2], ...same }),
  ),
  stacked(`${kind} of batch norm and ReLU`, [6, 6, 2], batchNorm('bn', 2), plain('ReLU', 'relu'), plain(kind, 'pool', { strides: null })),
]);

const shapes = [
  ...['GlobalMaxPooling2D', 'GlobalAveragePooling2D'].flatMap((kind) => [
    stacked(`${kind} of a ReLU`, [4, 5, 2], conv('conv', [3, 3, 2, 4], relu), plain(kind, 'pool'), dense('fc', [4, 3])),
    unknown(stacked(`${kind} that keeps its axes`, [4, 5, 2], plain(kind, 'pool', { keepdims: true }), conv('conv', [1, 1, 2, 3])), [
      plain(kind, 'pool'),
      plain('Reshape', 'shape', { target_shape: [1, 1, 2] }),
      conv('conv', [1, 1, 2, 3]),
    ]),
  ]),
  stacked(
    'zero padding by one number',
    [3, 4, 2],
    plain('ZeroPadding2D', 'pad', {
      padding: [
        [2, 2],
        [2, 2],
      ],
    }),
    c3,
  ),
  unknown(stacked('zero padding written as one number', [3, 4, 2], plain('ZeroPadding2D', 'pad', { padding: 2 }), c3), [
    plain('ZeroPadding2D', 'pad', {
      padding: [
        [2, 2],
        [2, 2],
      ],
    }),
    c3,
  ]),
  stacked(
    'uneven zero padding',
    [3, 4, 2],
    plain('ZeroPadding2D', 'pad', {
      padding: [
        [1, 0],
        [0, 3],
      ],
    }),
    c3,
  ),
  stacked(
    'flatten and dense with ReLU',
    [3, 3, 2],
    plain('Flatten', 'flat'),
    dense('a', [18, 6], relu),
    dense('b', [6, 4], { use_bias: false }),
  ),
  stacked('reshape with an open size', [4, 3, 2], plain('Reshape', 'shape', { target_shape: [3, -1, 2] }), c3),
  stacked('dense with a sigmoid', [2, 2, 2], plain('Flatten', 'flat'), dense('fc', [8, 5], { activation: 'sigmoid' })),
];

export const LAYER_CASES: readonly LayerCase[] = [...convolutions, ...elementwise, ...POOLS, ...shapes, ...JOINED_CASES];
