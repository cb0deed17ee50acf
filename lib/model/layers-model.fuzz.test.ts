/** Damaged and hostile layers models: see testing/fuzz.ts. */
import { beforeAll } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { fuzzes } from '../testing/fuzz';
import {
  asLayer,
  batchNorm,
  conv,
  dense,
  depthwise,
  functional,
  plain,
  prelu,
  separable,
  sequential,
  writeModel,
} from '../testing/keras-model';

const tower = sequential(
  [8, 8, 2],
  [
    batchNorm('norm', 2),
    conv('conv', [3, 3, 2, 4], { padding: 'same', strides: [2, 2], activation: 'relu' }),
    depthwise('dw', [3, 3, 4, 2]),
    plain('MaxPooling2D', 'pool', { pool_size: [2, 2], strides: [1, 1] }),
    plain('Flatten', 'flat'),
    dense('fc', [8, 4], { activation: 'softmax' }),
  ],
);
const block = asLayer(sequential([4, 4, 3], [conv('inner', [3, 3, 3, 3], { padding: 'same' }), plain('ReLU', 'relu')], 'block'));
const branched = functional(
  [4, 4, 2],
  [
    [separable('sep', [3, 3, 2, 1], 3, { padding: 'same' }), 'input'],
    [block, 'sep'],
    [block, 'block'],
    [plain('Add', 'sum'), ['block', 'block#1']],
    [plain('Concatenate', 'cat'), ['sum', 'sep']],
    [
      plain('ZeroPadding2D', 'pad', {
        padding: [
          [1, 0],
          [0, 1],
        ],
      }),
      'cat',
    ],
    [plain('Normalization', 'n', { axis: -1, mean: 0.5, variance: 2 }), 'pad'],
    [plain('GlobalAveragePooling2D', 'gap'), 'n'],
    [dense('fc', [6, 4]), 'gap'],
  ],
  'fc',
);

const gated = functional(
  [5, 4, 2],
  [
    [plain('ReLU', 'clip', { max_value: 3, negative_slope: 0.2 }), 'input'],
    [conv('conv', [3, 3, 2, 3], { padding: 'same' }), 'clip'],
    [prelu('channel', [1, 1, 3]), 'conv'],
    [plain('GlobalMaxPooling2D', 'max'), 'channel'],
    [dense('gate', [3, 3], { activation: 'sigmoid' }), 'max'],
    [plain('Multiply', 'excite'), ['channel', 'gate']],
    [plain('Multiply', 'square'), ['excite', 'excite']],
    [prelu('place', [5, 4, 3]), 'square'],
    [plain('Flatten', 'flat'), 'place'],
    [dense('fc', [60, 4]), 'flat'],
  ],
  'fc',
);

beforeAll(async () => {
  await openEngine('cpu', nodeHost);
});

fuzzes('a Sequential', writeModel(tower));
fuzzes('a functional model', writeModel(branched));
fuzzes('a gated model', writeModel(gated));
