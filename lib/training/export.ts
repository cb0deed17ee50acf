/** A trained network as the files of a tfjs layers model: model.json and one shard of float32 weights. */
import * as tf from '@tensorflow/tfjs-core';
import { Failure } from '../failure';
import type { WrittenLayer } from './layer';
import type { TrainableNetwork } from './network';

const SHARD = 'group1-shard1of1.bin';

/** `about` goes into model.json as it is: how the model was made. Refuses weights that are not finite. */
export async function exportModel(network: TrainableNetwork, about: Record<string, unknown>): Promise<Map<string, Uint8Array>> {
  const written: WrittenLayer[] = [];
  tf.tidy(() => {
    for (const layer of network.layers.flatMap((l) => l.written()))
      written.push({
        ...layer,
        weights: Object.fromEntries(Object.entries(layer.weights ?? {}).map(([role, t]) => [role, tf.keep(tf.clone(t))])),
      });
  });
  const weights: { name: string; shape: number[]; dtype: 'float32' }[] = [];
  const values: Float32Array[] = [];
  try {
    for (const { config, weights: roles } of written) {
      for (const [role, tensor] of Object.entries(roles ?? {})) {
        const data = (await tensor.data()) as Float32Array;
        if (!data.every(Number.isFinite)) throw new Failure('computation-failed', `weight ${config.name}/${role} is not finite`);
        weights.push({ name: `${config.name}/${role}`, shape: tensor.shape, dtype: 'float32' });
        values.push(data);
      }
    }
  } finally {
    tf.dispose(written.flatMap((l) => Object.values(l.weights ?? {})));
  }
  const shard = new Uint8Array(values.reduce((n, v) => n + v.byteLength, 0));
  let at = 0;
  for (const v of values) {
    shard.set(new Uint8Array(v.buffer, v.byteOffset, v.byteLength), at);
    at += v.byteLength;
  }
  const json = {
    format: 'layers-model',
    generatedBy: 'simplexity train',
    convertedBy: null,
    modelTopology: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: {
        class_name: 'Sequential',
        config: {
          name: network.name,
          layers: written.map(({ className, config }, i) => ({
            class_name: className,
            config: i === 0 ? { ...config, batch_input_shape: [null, ...network.inputShape] } : config,
          })),
        },
      },
    },
    userDefinedMetadata: about,
    weightsManifest: [{ paths: [SHARD], weights }],
  };
  return new Map([
    ['model.json', new TextEncoder().encode(`${JSON.stringify(json)}\n`)],
    [SHARD, shard],
  ]);
}
