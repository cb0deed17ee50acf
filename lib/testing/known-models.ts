/**
 * Two networks of the paper's experiments as its code builds them for CIFAR-10, with random weights. PyTorch pads both
 * sides by one; where the stride is 2, Keras' `same` would not, so a ZeroPadding2D layer and a `valid` window stand there.
 */
import { batchNorm, conv, dense, functional, type KerasModel, plain, sequential, type Wire } from './keras-model';

const CIFAR = [32, 32, 3];

/** 3×3 convolution with PyTorch's padding of one; the wires end at `name`. */
function conv3x3(name: string, channels: number, filters: number, stride: number, from: string): Wire[] {
  const kernel: [number, number, number, number] = [3, 3, channels, filters];
  if (stride === 1) return [[conv(name, kernel, { padding: 'same', use_bias: false }), from]];
  return [
    [plain('ZeroPadding2D', `${name}_pad`, { padding: [1, 1] }), from],
    [conv(name, kernel, { strides: [stride, stride], use_bias: false }), `${name}_pad`],
  ];
}

/** BN – ReLU – conv – BN – ReLU – conv, plus the input; the shortcut's 1×1 convolution reads the first ReLU. */
function preActBlock(name: string, channels: number, filters: number, stride: number, from: string): Wire[] {
  const shortcut = stride !== 1 || channels !== filters;
  return [
    [batchNorm(`${name}_bn1`, channels, { epsilon: 1e-5 }), from],
    [plain('ReLU', `${name}_relu1`), `${name}_bn1`],
    ...(shortcut
      ? [[conv(`${name}_shortcut`, [1, 1, channels, filters], { strides: [stride, stride], use_bias: false }), `${name}_relu1`] as Wire]
      : []),
    ...conv3x3(`${name}_conv1`, channels, filters, stride, `${name}_relu1`),
    [batchNorm(`${name}_bn2`, filters, { epsilon: 1e-5 }), `${name}_conv1`],
    [plain('ReLU', `${name}_relu2`), `${name}_bn2`],
    ...conv3x3(`${name}_conv2`, filters, filters, 1, `${name}_relu2`),
    [plain('Add', name), [`${name}_conv2`, shortcut ? `${name}_shortcut` : from]],
  ];
}

/** No batch norm stands before the pooling, as in the paper's code. */
export function preActResNet18(): KerasModel {
  const wires = conv3x3('conv1', 3, 64, 1, 'input');
  let [from, channels] = ['conv1', 64];
  for (const [stage, filters] of [64, 128, 256, 512].entries()) {
    for (const block of [0, 1]) {
      const name = `layer${stage + 1}_${block}`;
      wires.push(...preActBlock(name, channels, filters, block === 0 && stage > 0 ? 2 : 1, from));
      [from, channels] = [name, filters];
    }
  }
  wires.push(
    [plain('AveragePooling2D', 'pool', { pool_size: [4, 4] }), from],
    [plain('Flatten', 'flatten'), 'pool'],
    [dense('linear', [512, 10]), 'flatten'],
  );
  return functional(CIFAR, wires, 'linear', 'preact_resnet18');
}

/** Convolutions with bias, each with batch norm and ReLU; 'M' is a 2×2 max pool. */
export function vgg11BatchNorm(): KerasModel {
  const plan = [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'] as const;
  let channels = 3;
  const layers = plan.flatMap((entry, i) => {
    if (entry === 'M') return [plain('MaxPooling2D', `pool${i}`, { pool_size: [2, 2], strides: [2, 2] })];
    const kernel: [number, number, number, number] = [3, 3, channels, entry];
    channels = entry;
    return [
      conv(`conv${i}`, kernel, { padding: 'same' }),
      batchNorm(`bn${i}`, entry, { epsilon: 1e-5 }),
      plain('Activation', `relu${i}`, { activation: 'relu' }),
    ];
  });
  return sequential(CIFAR, [...layers, plain('Flatten', 'flatten'), dense('classifier', [512, 10])], 'vgg11_bn');
}
