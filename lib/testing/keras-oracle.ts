/** What tfjs' own LayersModel computes for the same files; the reference for our reading of a model. */
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { SHARD, type WrittenModel } from './keras-model';

export async function oracleOutput(
  files: ReadonlyMap<string, Uint8Array>,
  images: Float32Array,
  shape: [number, number, number, number],
): Promise<Float32Array> {
  const json = JSON.parse(new TextDecoder().decode(files.get('model.json'))) as WrittenModel;
  const shard = (files.get(SHARD) as Uint8Array).slice();
  const model = await loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest.flatMap((g) => g.weights) as tf.io.WeightsManifestEntry[],
      weightData: shard.buffer,
    }),
  );
  const x = tf.tensor4d(images, shape);
  const y = model.predict(x) as tf.Tensor;
  const values = (await y.data()) as Float32Array;
  tf.dispose([x, y]);
  model.dispose();
  return values;
}
