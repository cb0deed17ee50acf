import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { bits } from '../random';
import { jsonBytes } from '../testing/keras-model';
import { type ModelBundle, readBundle } from './bundle';
import { halfToNumber, type StoredWeight } from './stored-weights';

beforeAll(async () => {
  await openEngine('cpu', nodeHost);
});

const words = bits({ seed: 3, tag: 1002, sample: 0, split: 'test' }, 64);
const noise = Uint8Array.from({ length: 64 }, (_, i) => words[i] & 255);
/** No exponent of 31: finite halves only. */
const halves = Uint8Array.from(noise, (b, i) => (i % 2 ? b & 0xbb : b));
const scale = 0.0123456789;

/** The weight in a file of its own, behind `before` bytes of another. */
async function read(weight: StoredWeight, bytes: Uint8Array, before = 0): Promise<ModelBundle> {
  const first: StoredWeight[] = before
    ? [{ name: 'first', shape: [before], dtype: 'float32', quantization: { dtype: 'uint8', scale: 1, min: 0 } }]
    : [];
  const json = { format: 'graph-model', modelTopology: { node: [] }, weightsManifest: [{ paths: ['w.bin'], weights: [...first, weight] }] };
  const files = new Map([
    ['model.json', jsonBytes(json)],
    ['w.bin', new Uint8Array([...new Uint8Array(before), ...bytes])],
  ]);
  const bundle = await readBundle(files);
  if (!bundle.ok) throw new Error(bundle.reasons.join('\n'));
  return bundle.value;
}

describe('a quantised weight', () => {
  it.each<[string, Partial<StoredWeight>, Uint8Array]>([
    ['uint8', { quantization: { dtype: 'uint8', scale, min: -1.7, original_dtype: 'float32' } }, noise.slice(0, 30)],
    ['uint16', { quantization: { dtype: 'uint16', scale: scale / 256, min: -1.7 } }, noise.slice(0, 60)],
    ['float16', { quantization: { dtype: 'float16', original_dtype: 'float32' } }, halves.slice(0, 60)],
    ['uint8, of whole numbers', { dtype: 'int32', quantization: { dtype: 'uint8', scale: 1.3, min: -7 } }, noise.slice(0, 30)],
    ['uint16, of whole numbers', { dtype: 'int32', quantization: { dtype: 'uint16', scale: 0.7, min: -3 } }, noise.slice(0, 60)],
    ['not quantised, behind an odd number of bytes', {}, new Uint8Array(Float32Array.from({ length: 30 }, (_, i) => i / 7).buffer)],
  ])('is read bit for bit as tfjs reads it: %s', async (_, kind, bytes) => {
    const weight: StoredWeight = { name: 'w', shape: [5, 6], dtype: 'float32', ...kind };
    const decoded = tf.io.decodeWeights(bytes.slice().buffer, [weight as tf.io.WeightsManifestEntry]).w;
    const expected = await decoded.data();
    decoded.dispose();
    for (const before of [0, 1, 4]) {
      const bundle = await read(weight, bytes, before);
      const found = weight.dtype === 'int32' ? bundle.integers.get('w') : bundle.weights.get('w');
      expect(found).toEqual({ shape: [5, 6], values: expected });
    }
  });

  it('is refused if it holds no number', async () => {
    const weight: StoredWeight = { name: 'w', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } };
    await expect(read(weight, Uint8Array.of(0, 0, 0, 0x7c))).rejects.toThrow('weight w holds Infinity at position 1');
    const wide: StoredWeight = { ...weight, quantization: { dtype: 'uint8', scale: 1e300, min: 0 } };
    await expect(read(wide, Uint8Array.of(0, 1))).rejects.toThrow('weight w holds Infinity at position 1; every weight must be finite');
  });
});

describe('half precision', () => {
  it('is read by its definition', () => {
    const known = { 0: 0, 1: 2 ** -24, 1023: 1023 * 2 ** -24, 1024: 2 ** -14, 13653: 0.333251953125, 15360: 1, 31743: 65504, 49152: -2 };
    for (const [half, number] of Object.entries(known)) expect(halfToNumber(Number(half))).toBe(number);
    expect(halfToNumber(0x8000)).toBe(-0);
    expect([halfToNumber(0x7c00), halfToNumber(0xfc00), halfToNumber(0x7c01)]).toEqual([Infinity, -Infinity, NaN]);
  });
});
