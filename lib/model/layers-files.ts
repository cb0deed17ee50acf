/** The files of a tfjs layers model, from its layers and their weights: the way back from {@link readLayersModel}. */
import { elements } from './graph';
import { reshard, SHARD_BYTES } from './reshard';

export interface StoredTensor {
  shape: readonly number[];
  /** Row by row, as tfjs lays them out. */
  values: Float32Array;
}

export interface StoredLayer {
  className: string;
  config: { name: string } & Record<string, unknown>;
  /** Names of the layers it reads; absent: the layer before it, for the first one the image. */
  inputs?: readonly string[];
  /** By role, as Keras names them: kernel, bias, gamma … */
  weights?: Record<string, StoredTensor>;
}

export interface StoredModel {
  name: string;
  /** height, width, channels */
  input: readonly [number, number, number];
  /** In order; the last one is the output. */
  layers: readonly StoredLayer[];
  generatedBy: string;
  /** Goes into model.json as it is: how the model was made. */
  about: Record<string, unknown>;
}

const SHARD = 'group1-shard1of1.bin';
/** What a layer that reads the image names among its inputs. */
export const IMAGE_NAME = 'image';

/** A chain of layers is written as a Sequential model, anything else as a Functional one. Weights in files of 4 MiB. */
export function layersModelFiles({ name, input, layers, generatedBy, about }: StoredModel): Map<string, Uint8Array> {
  const weights = layers.flatMap(({ config, weights: roles = {} }) =>
    Object.entries(roles).map(([role, tensor]) => ({ name: `${config.name}/${role}`, ...tensor })),
  );
  const shard = new Uint8Array(weights.reduce((n, w) => n + 4 * elements(w.shape), 0));
  let at = 0;
  for (const { values } of weights) {
    shard.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  const json = {
    format: 'layers-model',
    generatedBy,
    convertedBy: null,
    modelTopology: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: layers.some((l) => l.inputs) ? functional(name, input, layers) : sequential(name, input, layers),
    },
    userDefinedMetadata: about,
    weightsManifest: [{ paths: [SHARD], weights: weights.map((w) => ({ name: w.name, shape: w.shape, dtype: 'float32' })) }],
  };
  const files = new Map([
    ['model.json', new TextEncoder().encode(`${JSON.stringify(json)}\n`)],
    [SHARD, shard],
  ]);
  return reshard(files, { largest: SHARD_BYTES }).files;
}

function sequential(name: string, input: readonly number[], layers: readonly StoredLayer[]) {
  return {
    class_name: 'Sequential',
    config: {
      name,
      layers: layers.map(({ className, config }, i) => ({
        class_name: className,
        config: i === 0 ? { ...config, batch_input_shape: [null, ...input] } : config,
      })),
    },
  };
}

function functional(name: string, input: readonly number[], layers: readonly StoredLayer[]) {
  const image = { name: IMAGE_NAME, batch_input_shape: [null, ...input], dtype: 'float32', sparse: false };
  const output = layers[layers.length - 1].config.name;
  return {
    class_name: 'Functional',
    config: {
      name,
      layers: [
        { name: image.name, class_name: 'InputLayer', config: image, inbound_nodes: [] },
        ...layers.map(({ className, config, inputs }, i) => ({
          name: config.name,
          class_name: className,
          config,
          inbound_nodes: [(inputs ?? [i === 0 ? image.name : layers[i - 1].config.name]).map((from) => [from, 0, 0, {}])],
        })),
      ],
      input_layers: [[image.name, 0, 0]],
      output_layers: [[output, 0, 0]],
    },
  };
}
