/**
 * Builds what Keras 2 writes: model.json and one weight shard, from a list of layers with deterministic random weights.
 * Weight shapes are stated, not inferred, so that the reader's own inference is tested against something.
 */
import { draw } from './draw';

export interface KerasLayer {
  class_name: string;
  config: { name: string } & Record<string, unknown>;
  /** Shape of each weight by its role. */
  weights?: Record<string, number[]>;
  /** Layers of a nested model. */
  inside?: KerasLayer[];
}
/** A layer and the layers that it reads; `name#1` is the second call of a shared layer. */
export type Wire = readonly [layer: KerasLayer, from: string | readonly string[]];
export interface KerasModel {
  config: { class_name: string; config: Record<string, unknown> };
  /** All layers, those of nested models too. */
  layers: KerasLayer[];
}
type Options = Record<string, unknown>;
type Kernel = [number, number, number, number];

export const plain = (class_name: string, name: string, config: Options = {}): KerasLayer => ({ class_name, config: { name, ...config } });

const biased = (o: Options, units: number): Record<string, number[]> => (o.use_bias === false ? {} : { bias: [units] });

/** kernel: [height, width, in, out] */
export const conv = (name: string, kernel: Kernel, options: Options = {}): KerasLayer => ({
  class_name: 'Conv2D',
  config: { name, filters: kernel[3], kernel_size: kernel.slice(0, 2), ...options },
  weights: { kernel, ...biased(options, kernel[3]) },
});

/** kernel: [height, width, in, multiplier] */
export const depthwise = (name: string, kernel: Kernel, options: Options = {}): KerasLayer => ({
  class_name: 'DepthwiseConv2D',
  config: { name, depth_multiplier: kernel[3], kernel_size: kernel.slice(0, 2), ...options },
  weights: { depthwise_kernel: kernel, ...biased(options, kernel[2] * kernel[3]) },
});

/** kernel: [height, width, in, multiplier] */
export const separable = (name: string, kernel: Kernel, filters: number, options: Options = {}): KerasLayer => ({
  class_name: 'SeparableConv2D',
  config: { name, filters, depth_multiplier: kernel[3], kernel_size: kernel.slice(0, 2), ...options },
  weights: { depthwise_kernel: kernel, pointwise_kernel: [1, 1, kernel[2] * kernel[3], filters], ...biased(options, filters) },
});

export const dense = (name: string, kernel: [number, number], options: Options = {}): KerasLayer => ({
  class_name: 'Dense',
  config: { name, units: kernel[1], ...options },
  weights: { kernel, ...biased(options, kernel[1]) },
});

export const batchNorm = (name: string, channels: number, options: Options = {}): KerasLayer => ({
  class_name: 'BatchNormalization',
  config: { name, axis: -1, epsilon: 1e-3, ...options },
  weights: {
    ...(options.scale === false ? {} : { gamma: [channels] }),
    ...(options.center === false ? {} : { beta: [channels] }),
    moving_mean: [channels],
    moving_variance: [channels],
  },
});

/** alpha: shape of the slopes, 1 where an axis shares them. */
export const prelu = (name: string, alpha: number[]): KerasLayer => ({
  class_name: 'PReLU',
  config: { name, shared_axes: alpha.flatMap((n, i) => (n === 1 ? [i + 1] : [])) },
  weights: { alpha },
});

const written = ({ class_name, config }: KerasLayer) => ({ class_name, config });
const inner = (layer: KerasLayer): KerasLayer[] => layer.inside ?? [layer];

/** The first layer states the input's shape; a nested model at the beginning has done so inside. */
export function sequential(input: readonly number[], layers: KerasLayer[], name = 'model'): KerasModel {
  const list = layers.map((layer, i) =>
    i === 0 && !layer.inside ? { ...written(layer), config: { ...layer.config, batch_input_shape: [null, ...input] } } : written(layer),
  );
  return { config: { class_name: 'Sequential', config: { name, layers: list } }, layers: layers.flatMap(inner) };
}

export function functional(input: readonly number[], wires: readonly Wire[], output: string, name = 'model'): KerasModel {
  const reference = (text: string) => {
    const [layer, call = '0'] = text.split('#');
    return [layer, Number(call), 0];
  };
  const inputName = `${name}_input`;
  const start = inputLayer(inputName, input);
  const list: { name: string; class_name: string; config: unknown; inbound_nodes: unknown[][] }[] = [
    { name: inputName, class_name: start.class_name, config: start.config, inbound_nodes: [] },
  ];
  for (const [layer, from] of wires) {
    const call = [from].flat().map((f) => [...reference(f === 'input' ? inputName : f), {}]);
    const known = list.find((l) => l.name === layer.config.name);
    if (known) known.inbound_nodes.push(call);
    else list.push({ name: layer.config.name, ...written(layer), inbound_nodes: [call] });
  }
  return {
    config: {
      class_name: 'Functional',
      config: { name, layers: list, input_layers: [[inputName, 0, 0]], output_layers: [reference(output)] },
    },
    layers: [...new Set(wires.map(([layer]) => layer))].flatMap(inner),
  };
}

export const inputLayer = (name: string, input: readonly number[]): KerasLayer =>
  plain('InputLayer', name, { batch_input_shape: [null, ...input], dtype: 'float32', sparse: false });

/** A model used as a layer. */
export function asLayer({ config, layers }: KerasModel): KerasLayer {
  return { class_name: config.class_name, config: config.config as KerasLayer['config'], inside: layers };
}

const RANGES: Record<string, [number, number]> = {
  alpha: [-0.5, 1.5],
  gamma: [0.5, 1.5],
  beta: [-0.5, 0.5],
  bias: [-0.3, 0.3],
  mean: [-0.2, 0.6],
  variance: [0.2, 1.5],
  moving_mean: [-0.5, 0.5],
  moving_variance: [0.5, 1.5],
};

function randomWeight(role: string, shape: number[], seed: number): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const fanIn = role === 'depthwise_kernel' ? shape[0] * shape[1] : count / shape[shape.length - 1];
  const he = Math.sqrt(6 / fanIn);
  const [low, high] = RANGES[role] ?? [-he, he];
  const values = draw(Math.min(count, 65537), seed, low, high); // a prime: large kernels repeat it out of step
  const all = new Float32Array(count);
  for (let i = 0; i < count; i++) all[i] = values[i % values.length];
  return all;
}

export interface WrittenWeight {
  name: string;
  shape: number[];
  dtype: string;
}
/** model.json as an object; tests change it and write it again. */
export interface WrittenModel {
  format: string;
  modelTopology: { keras_version: string; backend: string; model_config: KerasModel['config'] };
  weightsManifest: { paths: string[]; weights: WrittenWeight[] }[];
}

export const SHARD = 'group1-shard1of1.bin';
export const jsonBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Every layer's name is to be unique in the whole model. */
export function writeModel(model: KerasModel, seed = 1): { json: WrittenModel; shard: Uint8Array } {
  const weights: WrittenWeight[] = [];
  const values: Float32Array[] = [];
  for (const { config, weights: roles = {} } of model.layers) {
    for (const [role, shape] of Object.entries(roles)) {
      values.push(randomWeight(role, shape, seed * 1000 + weights.length));
      weights.push({ name: `${config.name}/${role}`, shape, dtype: 'float32' });
    }
  }
  const shard = new Uint8Array(values.reduce((n, v) => n + v.byteLength, 0));
  let at = 0;
  for (const v of values) {
    shard.set(new Uint8Array(v.buffer, v.byteOffset, v.byteLength), at);
    at += v.byteLength;
  }
  const json: WrittenModel = {
    format: 'layers-model',
    modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: model.config },
    weightsManifest: [{ paths: [SHARD], weights }],
  };
  return { json: structuredClone(json), shard };
}

export function modelFiles(model: KerasModel, seed = 1): Map<string, Uint8Array> {
  const { json, shard } = writeModel(model, seed);
  return new Map([
    ['model.json', jsonBytes(json)],
    [SHARD, shard],
  ]);
}
