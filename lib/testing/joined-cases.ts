/** Small models whose tensors are joined (Add, Concatenate, Multiply, gates, learnt slopes), and those made of models. */

import { asLayer, batchNorm, conv, dense, depthwise, functional, plain, prelu, sequential } from './keras-model';
import { type LayerCase, relu, same, stacked, unknown, wired } from './layer-case';

/** A tensor and its slopes, or its ends. */
const slopes: LayerCase[] = [
  stacked('ReLU', [4, 4, 2], plain('ReLU', 'relu')),
  stacked(
    'ReLU with a maximum of 6',
    [4, 4, 2],
    plain('Rescaling', 'r', { scale: 10, offset: 0 }),
    plain('ReLU', 'relu', { max_value: 6 }),
  ),
  unknown(stacked('ReLU with a negative slope', [4, 4, 2], plain('ReLU', 'relu', { negative_slope: 0.1, max_value: null })), [
    plain('LeakyReLU', 'relu', { alpha: 0.1 }),
  ]),
  stacked('ReLU with another maximum', [4, 4, 2], plain('ReLU', 'relu', { max_value: 0.7 })),
  unknown(stacked('ReLU with a negative slope and a maximum', [4, 4, 2], plain('ReLU', 'relu', { negative_slope: 0.1, max_value: 0.7 }))),
  stacked('PReLU with a slope a channel', [4, 5, 3], prelu('slopes', [1, 1, 3])),
  stacked('PReLU with a slope a place', [4, 5, 3], prelu('slopes', [4, 5, 3])),
  stacked('PReLU of a vector', [2, 2, 2], plain('Flatten', 'flat'), dense('fc', [8, 5]), prelu('slopes', [5])),
  stacked('LeakyReLU', [4, 4, 2], plain('LeakyReLU', 'leaky', { alpha: 0.15 })),
  stacked('LeakyReLU with its default slope', [4, 4, 2], plain('LeakyReLU', 'leaky')),
  stacked('ELU', [4, 4, 2], plain('ELU', 'elu')),
  unknown(stacked('ELU with alpha 0.7', [4, 4, 2], plain('ELU', 'elu', { alpha: 0.7 }))),
];

const convA = conv('a', [3, 3, 2, 3], { ...same, ...relu });
const inside = [conv('inner1', [3, 3, 3, 3], same), batchNorm('inner2', 3), plain('ReLU', 'inner3')];
const block = asLayer(sequential([4, 4, 3], inside, 'block'));
const last = conv('last', [1, 1, 3, 2]);
const branches: LayerCase[] = [
  wired(
    'a residual block',
    [4, 4, 2],
    [
      [convA, 'input'],
      [conv('b', [3, 3, 3, 3], same), 'a'],
      [batchNorm('bn', 3), 'b'],
      [plain('Add', 'sum'), ['a', 'bn']],
      [plain('ReLU', 'relu'), 'sum'],
      [plain('GlobalAveragePooling2D', 'gap'), 'relu'],
      [dense('fc', [3, 4]), 'gap'],
    ],
    'fc',
  ),
  wired(
    'a pre-activation block with a strided shortcut',
    [6, 6, 2],
    [
      [batchNorm('bn1', 2), 'input'],
      [plain('ReLU', 'relu1'), 'bn1'],
      [conv('shortcut', [1, 1, 2, 4], { strides: [2, 2], use_bias: false }), 'relu1'],
      [plain('ZeroPadding2D', 'pad', { padding: [1, 1] }), 'relu1'],
      [conv('b', [3, 3, 2, 4], { strides: [2, 2], use_bias: false }), 'pad'],
      [plain('Add', 'sum'), ['b', 'shortcut']],
    ],
    'sum',
  ),
  wired(
    'a ReLU that a pool and a convolution read',
    [6, 6, 2],
    [
      [convA, 'input'],
      [plain('MaxPooling2D', 'pool', { pool_size: 3, strides: 1, ...same }), 'a'],
      [conv('b', [1, 1, 3, 3]), 'a'],
      [plain('Concatenate', 'cat'), ['pool', 'b', 'a']],
    ],
    'cat',
  ),
  wired(
    'one tensor read twice by one layer',
    [4, 4, 2],
    [
      [convA, 'input'],
      [plain('Add', 'sum'), ['a', 'a', 'input3']],
      [conv('input3', [1, 1, 2, 3]), 'input'],
      [plain('Concatenate', 'cat', { axis: -1 }), ['sum', 'sum']],
    ],
    'cat',
  ),
  wired(
    'vectors joined',
    [3, 3, 2],
    [
      [plain('GlobalMaxPooling2D', 'max'), 'input'],
      [plain('GlobalAveragePooling2D', 'mean'), 'input'],
      [plain('Concatenate', 'cat', { axis: 1 }), ['max', 'mean']],
      [dense('fc', [4, 3]), 'cat'],
    ],
    'fc',
  ),
  wired(
    'a product of two tensors of one shape, and a square',
    [4, 4, 2],
    [
      [conv('a', [3, 3, 2, 2], same), 'input'],
      [plain('Activation', 'tanh', { activation: 'tanh' }), 'input'],
      [plain('Multiply', 'product'), ['a', 'tanh']],
      [plain('Multiply', 'square'), ['product', 'product']],
      [plain('Add', 'sum'), ['square', 'a']],
    ],
    'sum',
  ),
  wired(
    'an inverted bottleneck with squeeze and excitation, as in EfficientNet',
    [6, 5, 2],
    [
      [conv('expand', [1, 1, 2, 4], { use_bias: false }), 'input'],
      [batchNorm('bn1', 4), 'expand'],
      [plain('Activation', 'swish', { activation: 'swish' }), 'bn1'],
      [depthwise('dw', [3, 3, 4, 1], { ...same, use_bias: false }), 'swish'],
      [plain('GlobalAveragePooling2D', 'squeeze'), 'dw'],
      [plain('Reshape', 'shape', { target_shape: [1, 1, 4] }), 'squeeze'],
      [conv('reduce', [1, 1, 4, 2], { activation: 'swish' }), 'shape'],
      [conv('gate', [1, 1, 2, 4], { activation: 'sigmoid' }), 'reduce'],
      [plain('Multiply', 'excite'), ['dw', 'gate']],
      [conv('project', [1, 1, 4, 2], { use_bias: false }), 'excite'],
      [plain('Add', 'sum'), ['project', 'input']],
    ],
    'sum',
  ),
  wired(
    'a vector that is multiplied with an image, from either side',
    [4, 5, 3],
    [
      [plain('GlobalMaxPooling2D', 'max'), 'input'],
      [dense('gate', [3, 3], { activation: 'sigmoid' }), 'max'],
      [plain('Multiply', 'left'), ['gate', 'input']],
      [plain('Multiply', 'right'), ['left', 'gate']],
    ],
    'right',
  ),
  (() => {
    const shared = conv('shared', [3, 3, 2, 2], { ...same, ...relu });
    return wired(
      'a layer that is used twice',
      [5, 5, 2],
      [
        [shared, 'input'],
        [shared, 'shared'],
        [plain('Add', 'sum'), ['shared#1', 'shared']],
      ],
      'sum',
    );
  })(),
  stacked('a Sequential inside a Sequential', [4, 4, 2], conv('first', [1, 1, 2, 3]), block, last),
  unknown(stacked('a Sequential that begins with a Sequential', [4, 4, 3], block, last), [...inside, last]),
  {
    ...wired(
      'a Sequential inside a functional model, used twice',
      [4, 4, 3],
      [
        [block, 'input'],
        [block, 'block'],
        [plain('Add', 'sum'), ['block', 'block#1']],
      ],
      'sum',
    ),
    oracle: functional(
      [4, 4, 3],
      [
        [inside[0], 'input'],
        [inside[1], 'inner1'],
        [inside[2], 'inner2'],
        [inside[0], 'inner3'],
        [inside[1], 'inner1#1'],
        [inside[2], 'inner2#1'],
        [plain('Add', 'sum'), ['inner3', 'inner3#1']],
      ],
      'sum',
    ),
  },
  stacked(
    'a functional model inside a Sequential',
    [4, 4, 2],
    conv('first', [1, 1, 2, 2]),
    asLayer(
      functional(
        [4, 4, 2],
        [
          [conv('x', [3, 3, 2, 2], same), 'input'],
          [plain('Add', 'y'), ['x', 'input']],
        ],
        'y',
        'inner',
      ),
    ),
    plain('ReLU', 'relu'),
  ),
];

export const JOINED_CASES: readonly LayerCase[] = [...slopes, ...branches];
