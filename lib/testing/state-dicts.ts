/** Safetensors files and random weights of known networks. */
import type { Architecture, BuildOptions } from '../known/architecture';
import type { Tensor } from '../known/safetensors';
import { elements } from '../model/graph';
import { draw } from './draw';

interface Stored {
  dtype: string;
  shape: readonly number[];
  bytes: Uint8Array;
}

export const f32 = (shape: readonly number[], values: Iterable<number>): Stored => ({
  ...{ dtype: 'F32', shape },
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

/** The header as given, whatever it says, and the data after it. */
export function safetensorsBytes(header: unknown, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

export function safetensorsFile(tensors: Record<string, Stored>): Uint8Array {
  let at = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  return safetensorsBytes(header, Buffer.concat(Object.values(tensors).map((t) => t.bytes)));
}

export const tensorOf = (shape: readonly number[], values: Float32Array): Tensor => ({ shape, dtype: 'F32', floats: () => values });

/** Kernels that keep a signal's size; batch norms as training leaves them. */
function randomWeight(name: string, shape: readonly number[], seed: number): Float32Array {
  const count = elements(shape);
  const he = Math.sqrt((6 * shape[0]) / count);
  const norm = shape.length === 1;
  const [low, high] = /running_var$/.test(name) || (norm && /weight$/.test(name)) ? [0.5, 1.5] : norm ? [-0.5, 0.5] : [-he, he];
  const values = draw(Math.min(count, 65537), seed, low, high); // a prime: large kernels repeat it out of step
  return Float32Array.from({ length: count }, (_, i) => values[i % values.length]);
}

interface RandomOptions extends Pick<BuildOptions, 'input' | 'classes'> {
  /** Shapes that the file has the say in: the stem's width, optional layers. */
  given?: Record<string, readonly number[]>;
}

/** Every tensor that the network asks for, the same for the same seed. */
export function randomStateDict(architecture: Architecture, { given = {}, ...options }: RandomOptions, seed = 1): Map<string, Tensor> {
  const layers = architecture.build({ ...options, shapeOf: (name) => given[name] });
  const sources = layers.flatMap((layer) => Object.values(layer.sources ?? {}));
  return new Map(sources.map(({ tensor, shape }, i) => [tensor, tensorOf(shape, randomWeight(tensor, shape, seed * 1000 + i))] as const));
}
