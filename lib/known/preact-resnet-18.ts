/**
 * PreActResNet-18 (He et al. 2016, arXiv 1603.05027): four stages of two blocks BN – ReLU – conv – BN – ReLU – conv, added
 * to the block's input; where the shape changes, a 1×1 convolution of the first ReLU stands in for the input.
 */
import { type Architecture, batchNorm, conv, globalMean, type KnownLayer, linear, maxPool, plain, relu } from './architecture';

/** How an implementation calls the parts of a block. */
interface BlockNames {
  bn1: string;
  bn2: string;
  shortcut: string;
}

interface BlockOptions {
  names: BlockNames;
  channels: number;
  filters: number;
  stride: number;
  /** The block's input. */
  from: string;
  /** False: the input has been through batch norm and ReLU already. */
  preactivate?: boolean;
}

function block(name: string, { names, channels, filters, stride, from, preactivate = true }: BlockOptions): KnownLayer[] {
  const inner = (part: string) => `${name}.${part}`;
  const active = preactivate ? inner('relu1') : from;
  const reshaped = stride !== 1 || channels !== filters;
  return [
    ...(preactivate ? [batchNorm(inner(names.bn1), channels, [from]), relu(inner('relu1'))] : []),
    ...conv(inner('conv1'), { channels, filters, window: 3, stride, inputs: [active] }),
    batchNorm(inner(names.bn2), filters),
    relu(inner('relu2')),
    ...conv(inner('conv2'), { channels: filters, filters, window: 3 }),
    ...(reshaped ? conv(inner(names.shortcut), { channels, filters, window: 1, stride, inputs: [active] }) : []),
    plain('Add', inner('add'), {}, [inner('conv2'), reshaped ? inner(names.shortcut) : from]),
  ];
}

/** The four stages after a stem that ends in layer `from`; each but the first halves the image and doubles the width. */
function stages(names: BlockNames, width: number, from: string, preactivateFirst = true): KnownLayer[] {
  const layers: KnownLayer[] = [];
  let [at, channels] = [from, width];
  for (const stage of [0, 1, 2, 3]) {
    const filters = width * 2 ** stage;
    for (const index of [0, 1]) {
      const name = `layer${stage + 1}.${index}`;
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const preactivate = preactivateFirst || stage > 0 || index > 0;
      layers.push(...block(name, { names, channels, filters, stride, from: at, preactivate }));
      [at, channels] = [`${name}.add`, filters];
    }
  }
  return layers;
}

/**
 * As most code bases build it for CIFAR: 3×3 stem without pooling. Some, the paper's among them, have a batch norm and a
 * ReLU between the last block and the mean; they are there if the file holds `bn`. The stem's width, 64, is the file's.
 */
export const PREACT_RESNET_18: Architecture = {
  id: 'preact-resnet-18',
  title: 'PreActResNet-18 for CIFAR',
  input: [32, 32, 3],
  head: 'linear.weight',
  build({ input: [, , channels], classes, shapeOf }) {
    const width = shapeOf('conv1.weight')?.[0] ?? 64;
    return [
      ...conv('conv1', { channels, filters: width, window: 3 }),
      ...stages({ bn1: 'bn1', bn2: 'bn2', shortcut: 'shortcut.0' }, width, 'conv1'),
      ...(shapeOf('bn.weight') ? [batchNorm('bn', 8 * width), relu('bn.relu')] : []),
      globalMean(),
      linear('linear', 8 * width, classes),
    ];
  },
};

/**
 * As the paper's code builds it for ImageNette: 7×7 stem of stride 2, batch norm, ReLU and 3×3 max pool of stride 2, after
 * which the first block does not activate again. PyTorch pads the pool with −∞; behind a ReLU, 0 does the same.
 */
export const PREACT_RESNET_18_IMAGENETTE: Architecture = {
  id: 'preact-resnet-18-imagenette',
  title: 'PreActResNet-18 for ImageNette',
  input: [160, 160, 3],
  head: 'fc.weight',
  build({ input: [, , channels], classes, shapeOf }) {
    const width = shapeOf('conv1.weight')?.[0] ?? 64;
    return [
      ...conv('conv1', { channels, filters: width, window: 7, stride: 2 }),
      batchNorm('bn1', width),
      relu('relu1'),
      plain('ZeroPadding2D', 'maxpool.pad', { padding: [1, 1], data_format: 'channels_last' }),
      maxPool('maxpool', 3, 2),
      ...stages({ bn1: 'pre_bn', bn2: 'bn1_2', shortcut: 'downsample.0' }, width, 'maxpool', false),
      batchNorm('final_bn', 8 * width),
      relu('final_relu'),
      globalMean(),
      linear('fc', 8 * width, classes),
    ];
  },
};
