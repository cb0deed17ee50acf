/**
 * One reader per Keras layer class: config, weights and input shapes → inference operations. The table at the end is the
 * list of what is accepted; anything else is refused by name.
 */
import { elements, type Operation, type Pads, type Pair } from './graph';
import { ACTIVATION_READERS, withActivation } from './layer-activations';
import { type LayerConfig, plainWord } from './layer-config';
import { JOIN_READERS } from './layer-joins';
import type { Reader, Step, WeightOf } from './layer-reading';
import { type Placed, placeWindow } from './window';

function imageShape(config: LayerConfig, shape: number[]): [number, number, number] {
  if (shape.length !== 3) config.refuse(`needs an image [height, width, channels] as input, got [${shape}]`);
  return shape as [number, number, number];
}

function windowOf(config: LayerConfig, size: Pair, window: Pair, strides: Pair, dilations: Pair): Placed {
  const padding = plainWord(config.word('padding', 'valid'));
  if (padding !== 'same' && padding !== 'valid') config.refuse(`padding must be same or valid, got ${padding}`);
  return placeWindow({ size, window, strides, dilations, padding: padding as 'same' | 'valid' }, (message) => config.refuse(message));
}

const geometryOf = (config: LayerConfig) => {
  config.channelsLast();
  const kernel = config.pair('kernel_size');
  const strides = config.pair('strides', 1);
  const dilations = config.pair('dilation_rate', 1);
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) config.refuse('strides and dilation_rate must not both be above 1');
  return { kernel, strides, dilations };
};

function biasOf(config: LayerConfig, weight: WeightOf, units: number): Float32Array | undefined {
  return config.flag('use_bias', true) ? weight('bias', [units]).values : undefined;
}

const conv: Reader = (config, [shape], weight) => {
  const [h, w, channels] = imageShape(config, shape);
  const { kernel, strides, dilations } = geometryOf(config);
  if (config.int('groups', 1) !== 1) config.refuse('grouped convolutions are not supported; groups must be 1');
  const filters = config.int('filters');
  const { outH, outW, pads } = windowOf(config, [h, w], kernel, strides, dilations);
  const values = weight('kernel', [...kernel, channels, filters]);
  const bias = biasOf(config, weight, filters);
  const op: Operation = { kind: 'conv', kernel: values, bias, relu: false, strides, dilations, pads };
  return { ...withActivation(config, [{ op, shape: [outH, outW, filters] }]), params: values.values.length + (bias?.length ?? 0) };
};

const depthwise: Reader = (config, [shape], weight) => {
  const [h, w, channels] = imageShape(config, shape);
  const { kernel, strides, dilations } = geometryOf(config);
  const multiplier = config.int('depth_multiplier', 1);
  const { outH, outW, pads } = windowOf(config, [h, w], kernel, strides, dilations);
  const values = weight('depthwise_kernel', [...kernel, channels, multiplier]);
  const bias = biasOf(config, weight, channels * multiplier);
  const op: Operation = { kind: 'depthwise', kernel: values, bias, relu: false, strides, dilations, pads };
  return {
    ...withActivation(config, [{ op, shape: [outH, outW, channels * multiplier] }]),
    params: values.values.length + (bias?.length ?? 0),
  };
};

const separable: Reader = (config, [shape], weight) => {
  const [h, w, channels] = imageShape(config, shape);
  const { kernel, strides, dilations } = geometryOf(config);
  const multiplier = config.int('depth_multiplier', 1);
  const filters = config.int('filters');
  const { outH, outW, pads } = windowOf(config, [h, w], kernel, strides, dilations);
  const spatial = weight('depthwise_kernel', [...kernel, channels, multiplier]);
  const pointwise = weight('pointwise_kernel', [1, 1, channels * multiplier, filters]);
  const bias = biasOf(config, weight, filters);
  const steps: Step[] = [
    { op: { kind: 'depthwise', kernel: spatial, relu: false, strides, dilations, pads }, shape: [outH, outW, channels * multiplier] },
    {
      op: { kind: 'conv', kernel: pointwise, bias, relu: false, strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] },
      shape: [outH, outW, filters],
    },
  ];
  return { ...withActivation(config, steps), params: spatial.values.length + pointwise.values.length + (bias?.length ?? 0) };
};

const dense: Reader = (config, [shape], weight) => {
  if (shape.length !== 1) config.refuse(`needs a vector as input, got [${shape}]; add a Flatten or a global pooling layer before it`);
  const units = config.int('units');
  const kernel = weight('kernel', [shape[0], units]);
  const bias = biasOf(config, weight, units);
  const op: Operation = { kind: 'dense', kernel, bias, relu: false };
  return { ...withActivation(config, [{ op, shape: [units] }]), params: kernel.values.length + (bias?.length ?? 0) };
};

function lastAxis(config: LayerConfig, shape: number[]): void {
  const axis = config.numbers('axis') ?? [-1];
  if (axis.length !== 1 || (axis[0] !== -1 && axis[0] !== shape.length)) config.refuse('axis must be the last one');
}

const batchNorm: Reader = (config, [shape], weight, room) => {
  lastAxis(config, shape);
  const n = shape[shape.length - 1];
  room(2 * n);
  const epsilon = config.number('epsilon', 1e-3);
  const gamma = config.flag('scale', true) ? weight('gamma', [n]).values : undefined;
  const beta = config.flag('center', true) ? weight('beta', [n]).values : undefined;
  const mean = weight('moving_mean', [n]).values;
  const variance = weight('moving_variance', [n]).values;
  if (variance.some((v) => !(v + epsilon > 0))) config.refuse('moving_variance + epsilon must be positive');
  const factor = new Float64Array(variance).map((v, c) => (gamma ? gamma[c] : 1) / Math.sqrt(v + epsilon));
  const op: Operation = {
    kind: 'affine',
    relu: false,
    scale: new Float32Array(factor),
    shift: new Float32Array(factor.map((f, c) => (beta ? beta[c] : 0) - mean[c] * f)),
  };
  return { steps: [{ op, shape }], params: (gamma?.length ?? 0) + (beta?.length ?? 0) };
};

/** A constant per channel from a number or a list. */
function perChannel(config: LayerConfig, key: string, channels: number, fallback: number): Float32Array {
  const list = config.numbers(key) ?? [fallback];
  if (list.length !== 1 && list.length !== channels) config.refuse(`${key} must hold 1 or ${channels} numbers, got ${list.length}`);
  return list.length === 1 ? new Float32Array(channels).fill(list[0]) : Float32Array.from(list);
}

const rescaling: Reader = (config, [shape], _, room) => {
  const n = shape[shape.length - 1];
  room(2 * n);
  const op: Operation = {
    kind: 'affine',
    relu: false,
    scale: perChannel(config, 'scale', n, 1),
    shift: perChannel(config, 'offset', n, 0),
  };
  return { steps: [{ op, shape }], params: 0 };
};

const normalization: Reader = (config, [shape], weight, room) => {
  lastAxis(config, shape);
  if (config.flag('invert', false)) config.refuse('invert must be false');
  const n = shape[shape.length - 1];
  room(2 * n);
  const stored = config.get('mean') === undefined;
  const mean = stored ? weight('mean', [n]).values : perChannel(config, 'mean', n, 0);
  const variance = stored ? weight('variance', [n]).values : perChannel(config, 'variance', n, 1);
  // Keras divides by max(√variance, 1e-7).
  const factor = new Float64Array(variance).map((v) => 1 / Math.max(Math.sqrt(v), 1e-7));
  const op: Operation = {
    kind: 'affine',
    relu: false,
    scale: new Float32Array(factor),
    shift: new Float32Array(factor.map((f, c) => -mean[c] * f)),
  };
  return { steps: [{ op, shape }], params: 0 };
};

const pool =
  (kind: 'maxPool' | 'avgPool'): Reader =>
  (config, [shape]) => {
    const [h, w, channels] = imageShape(config, shape);
    config.channelsLast();
    const window = config.pair('pool_size', 2);
    const strides = config.pair('strides', window);
    const { outH, outW, pads } = windowOf(config, [h, w], window, strides, [1, 1]);
    return { steps: [{ op: { kind, window, strides, pads }, shape: [outH, outW, channels] }], params: 0 };
  };

const globalPool =
  (kind: 'maxPool' | 'avgPool'): Reader =>
  (config, [shape]) => {
    const [h, w, channels] = imageShape(config, shape);
    config.channelsLast();
    const steps: Step[] = [{ op: { kind, window: [h, w], strides: [h, w], pads: [0, 0, 0, 0] }, shape: [1, 1, channels] }];
    if (!config.flag('keepdims', false)) steps.push({ op: { kind: 'reshape' }, shape: [channels] });
    return { steps, params: 0 };
  };

const identity: Reader = () => ({ steps: [], params: 0 });
const zeroPad: Reader = (config, [shape]) => {
  const [h, w, c] = imageShape(config, shape);
  config.channelsLast();
  const raw = config.get('padding') ?? 1;
  const rows = typeof raw === 'number' ? [raw, raw] : raw;
  const both = Array.isArray(rows) && rows.length === 2 ? rows.flatMap((r) => (typeof r === 'number' ? [r, r] : r)) : [];
  if (both.length !== 4 || !both.every((n) => Number.isInteger(n) && n >= 0 && n <= 1024))
    config.refuse(`padding must be whole numbers of at least 0, got ${JSON.stringify(raw)}`);
  const pads = both as unknown as Pads;
  return { steps: [{ op: { kind: 'pad', pads }, shape: [h + pads[0] + pads[1], w + pads[2] + pads[3], c] }], params: 0 };
};

const flatten: Reader = (config, [shape]) => {
  config.channelsLast();
  return { steps: [{ op: { kind: 'reshape' }, shape: [elements(shape)] }], params: 0 };
};

const reshape: Reader = (config, [shape]) => {
  const target = [...(config.numbers('target_shape') ?? config.refuse('target_shape is missing'))];
  const known = target.filter((n) => n !== -1);
  if (target.length - known.length > 1 || target.length > 4 || known.some((n) => !Number.isInteger(n) || n < 1)) {
    config.refuse(`target_shape must be whole numbers of at least 1 with at most one -1, got [${target}]`);
  }
  const open = target.indexOf(-1);
  if (open >= 0) target[open] = elements(shape) / elements(known);
  if (elements(target) !== elements(shape) || !target.every(Number.isInteger))
    config.refuse(`[${shape}] cannot be reshaped to [${target}]`);
  return { steps: [{ op: { kind: 'reshape' }, shape: target }], params: 0 };
};

export const READERS: Record<string, Reader> = {
  ...ACTIVATION_READERS,
  ...JOIN_READERS,
  Conv2D: conv,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
  Dense: dense,
  BatchNormalization: batchNorm,
  Rescaling: rescaling,
  Normalization: normalization,
  MaxPooling2D: pool('maxPool'),
  AveragePooling2D: pool('avgPool'),
  GlobalMaxPooling2D: globalPool('maxPool'),
  GlobalAveragePooling2D: globalPool('avgPool'),
  ZeroPadding2D: zeroPad,
  Flatten: flatten,
  Reshape: reshape,
  Dropout: identity,
  SpatialDropout2D: identity,
  AlphaDropout: identity,
  GaussianDropout: identity,
  GaussianNoise: identity,
};
