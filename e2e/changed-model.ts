/** The bundled model with one weight changed: another identity, the same behaviour. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const MODEL = path.join(process.cwd(), 'public/models/fmnist_at');

export async function changedModel(seed: number) {
  const shard = Buffer.from(await readFile(path.join(MODEL, 'group1-shard1of1.bin')));
  const at = 4 * (seed % 1000);
  shard.writeFloatLE(shard.readFloatLE(at) * (1 + 1e-4) + 1e-6, at);
  return [
    { name: 'model.json', mimeType: 'application/json', buffer: await readFile(path.join(MODEL, 'model.json')) },
    { name: 'group1-shard1of1.bin', mimeType: 'application/octet-stream', buffer: shard },
  ];
}

/** An untrained network with one weight file of 7.2 MB, more than a request can hold. */
export function largeModel() {
  const units = 2250;
  const weights = [
    { name: 'wide/kernel', shape: [784, units] },
    { name: 'wide/bias', shape: [units] },
    { name: 'logits/kernel', shape: [units, 10] },
    { name: 'logits/bias', shape: [10] },
  ].map((w) => ({ ...w, dtype: 'float32' }));
  const count = weights.reduce((n, w) => n + w.shape.reduce((a, b) => a * b, 1), 0);
  const values = Float32Array.from({ length: count }, (_, i) => 0.05 * Math.sin(1 + i * 12.9898 + Date.now() * 1e-9));
  const dense = (name: string, n: number, activation: string) => ({
    class_name: 'Dense',
    config: { name, units: n, activation, use_bias: true },
  });
  const layers = [
    { class_name: 'Flatten', config: { name: 'flat', batch_input_shape: [null, 28, 28, 1] } },
    dense('wide', units, 'relu'),
    dense('logits', 10, 'linear'),
  ];
  const json = {
    format: 'layers-model',
    modelTopology: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: { class_name: 'Sequential', config: { name: 'wide', layers } },
    },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
  return [
    { name: 'model.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(json)) },
    { name: 'weights.bin', mimeType: 'application/octet-stream', buffer: Buffer.from(values.buffer) },
  ];
}
