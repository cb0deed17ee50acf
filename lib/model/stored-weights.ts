/** How a weight lies in its file: plain, or quantised as the tfjs converter writes it; decoded as tfjs decodes it. */
import { z } from 'zod';
import { elements } from './graph';

export interface StoredWeight {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: unknown;
}

const quantisationSchema = z.union([
  z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }),
  z.object({ dtype: z.literal('float16') }),
]);
type Quantisation = z.infer<typeof quantisationSchema>;

const SIZES = { uint8: 1, uint16: 2, float16: 2 } as const;

/** How many batches a Normalization layer was adapted to: the one integer that Keras writes; of no use here. */
export const isCounter = ({ name, dtype }: StoredWeight) => dtype === 'int32' && /\/count(:0)?$/.test(name);

/** `null`: not quantised; undefined: in a way that is not known. */
function quantisationOf({ quantization }: StoredWeight): Quantisation | null | undefined {
  if (quantization === undefined) return null;
  const parsed = quantisationSchema.safeParse(quantization);
  return parsed.success ? parsed.data : undefined;
}

/** Why the weight can't be read, if it can't. Graph models hold integers (axes, shapes, paddings) among their weights. */
export function weightReason(weight: StoredWeight, integers: boolean): string | undefined {
  const { name, dtype, shape } = weight;
  const quantisation = quantisationOf(weight);
  if (quantisation === undefined)
    return `weight ${name} is quantised in an unknown way; uint8 and uint16 with scale and min, and float16, are read`;
  if (dtype !== 'float32' && !(dtype === 'int32' && integers) && !isCounter(weight))
    return `weight ${name} has type ${dtype}; ${integers ? 'float32 or int32' : 'float32'} is needed`;
  if (quantisation?.dtype === 'float16' && dtype !== 'float32')
    return `weight ${name} has type ${dtype} and is quantised as float16; float32 is needed`;
  if (shape.some((n) => n < 1)) return `weight ${name} has shape [${shape}]; every size must be at least 1`;
  return undefined;
}

/** Bytes in the file of a weight that {@link weightReason} has nothing against. */
export function storedBytes(weight: StoredWeight): number {
  const quantisation = quantisationOf(weight);
  return (quantisation ? SIZES[quantisation.dtype] : 4) * elements(weight.shape);
}

/** IEEE 754 half precision; every value is a float32. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The numbers of one weight; `bytes` are its own, little-endian, as every platform of WebAssembly. */
export function decodeWeight(weight: StoredWeight, bytes: Uint8Array): Float32Array | Int32Array {
  const quantisation = quantisationOf(weight);
  const aligned = (size: number) => (bytes.byteOffset % size ? bytes.slice() : bytes);
  const whole = weight.dtype === 'int32';
  if (!quantisation) {
    const { buffer, byteOffset } = aligned(4);
    return whole ? new Int32Array(buffer, byteOffset, bytes.length / 4) : new Float32Array(buffer, byteOffset, bytes.length / 4);
  }
  const stored = quantisation.dtype === 'uint8' ? bytes : words(aligned(2));
  if (quantisation.dtype === 'float16') return Float32Array.from(stored, halfToNumber);
  const { scale, min } = quantisation;
  return whole ? Int32Array.from(stored, (v) => Math.round(v * scale + min)) : Float32Array.from(stored, (v) => v * scale + min);
}

const words = ({ buffer, byteOffset, length }: Uint8Array) => new Uint16Array(buffer, byteOffset, length / 2);
