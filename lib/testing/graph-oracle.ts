/** What tfjs' own GraphModel computes for the same files; the reference for our reading of a graph. */
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import type { GraphJson } from './graph-file';
import { SHARD } from './keras-model';

/** Output and, if `weights` are given, the gradient of ⟨weights, output⟩ with respect to the images. */
export async function graphOracle(
  files: ReadonlyMap<string, Uint8Array>,
  images: Float32Array,
  shape: [number, number, number, number],
  weights?: Float32Array,
): Promise<{ outputs: Float32Array; gradient?: Float32Array }> {
  const json = JSON.parse(new TextDecoder().decode(files.get('model.json'))) as GraphJson;
  const model = await loadGraphModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest.flatMap((g) => g.weights) as tf.io.WeightsManifestEntry[],
      weightData: (files.get(SHARD) as Uint8Array).slice().buffer,
      signature: json.signature,
    }),
  );
  const x = tf.tensor4d(images, shape);
  const y = model.predict(x) as tf.Tensor;
  const outputs = (await y.data()) as Float32Array;
  const dx = weights && tf.tidy(() => tf.grad((at: tf.Tensor) => model.predict(at) as tf.Tensor)(x, tf.tensor(weights, y.shape)));
  const gradient = (await dx?.data()) as Float32Array | undefined;
  tf.dispose([x, y, ...(dx ? [dx] : [])]);
  model.dispose();
  return { outputs, ...(gradient ? { gradient } : {}) };
}
