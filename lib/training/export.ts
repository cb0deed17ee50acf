/** A trained network as the files of a tfjs layers model. */
import * as tf from '@tensorflow/tfjs-core';
import { Failure } from '../failure';
import { IMAGE_NAME, layersModelFiles, type StoredLayer, type StoredTensor } from '../model/layers-files';
import { type WrittenLayer, writtenLayers } from './layer';
import type { TrainableNetwork } from './network';

/** `about` goes into model.json as it is: how the model was made. Refuses weights that are not finite. */
export async function exportModel(network: TrainableNetwork, about: Record<string, unknown>): Promise<Map<string, Uint8Array>> {
  const written: WrittenLayer[] = [];
  tf.tidy(() => {
    for (const layer of writtenLayers(network.layers, IMAGE_NAME))
      written.push({
        ...layer,
        weights: Object.fromEntries(Object.entries(layer.weights ?? {}).map(([role, t]) => [role, tf.keep(tf.clone(t))])),
      });
  });
  const layers: StoredLayer[] = [];
  try {
    for (const { className, config, inputs, weights: roles = {} } of written) {
      const weights: Record<string, StoredTensor> = {};
      for (const [role, tensor] of Object.entries(roles)) {
        const values = (await tensor.data()) as Float32Array;
        if (!values.every(Number.isFinite)) throw new Failure('diverged', `weight ${config.name}/${role} is not finite`);
        weights[role] = { shape: tensor.shape, values };
      }
      layers.push({ className, config, ...(inputs ? { inputs } : {}), weights });
    }
  } finally {
    tf.dispose(written.flatMap((l) => Object.values(l.weights ?? {})));
  }
  return layersModelFiles({ name: network.name, input: network.inputShape, layers, generatedBy: 'simplexity train', about });
}
