/**
 * Reads the safetensors format, believing nothing: 8 bytes with the header's length (little-endian), the header as JSON
 * (name → dtype, shape, data_offsets [begin, end) from the header's end), the values row by row, little-endian. No code runs.
 * https://github.com/huggingface/safetensors
 */
import { z } from 'zod';
import { type Checked, jsonDepth, LIMITS, refuse, refuseFor } from '../model/bundle';
import { elements } from '../model/graph';
import { halfToNumber } from '../model/stored-weights';

export interface Tensor {
  shape: readonly number[];
  dtype: string;
  /** The values as float32; undefined where they are not floating-point numbers. */
  floats(): Float32Array | undefined;
}

/** Bytes of one value. */
const SIZES: Record<string, number> = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1 },
};

/** Those that are not float32 already. */
const READERS: Record<string, (view: DataView, at: number) => number> = {
  F64: (view, at) => view.getFloat64(at, true),
  F16: (view, at) => halfToNumber(view.getUint16(at, true)),
  BF16: (view, at) => bfloatToNumber(view.getUint16(at, true)),
};

const scratch = new DataView(new ArrayBuffer(4));
/** The upper half of a float32. */
function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits * 65536);
  return scratch.getFloat32(0);
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)).max(8),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});

/** Tensors by name. `file` is how sentences name the file. */
export function readSafetensors(content: Uint8Array, file: string): Checked<Map<string, Tensor>> {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength); // slice() of Node's Buffer is no copy
  const no = (message: string) => refuse(`${file} is not a safetensors file: ${message}`);
  if (bytes.length < 8) return no(`it is ${bytes.length} bytes long, the length of its header alone takes 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > LIMITS.jsonBytes || length > bytes.length - 8)
    return no(
      `its first 8 bytes announce a header of ${length} bytes, where at most ${Math.min(LIMITS.jsonBytes, bytes.length - 8)} can be (docs/convert.md says how to make one of a .pt or .pth file)`,
    );
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  let header: unknown;
  try {
    if (jsonDepth(text) > LIMITS.jsonDepth) return no(`its header is nested more than ${LIMITS.jsonDepth} levels deep`);
    header = JSON.parse(text);
  } catch (error) {
    return no(`its header is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return no('its header must be an object');

  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, Tensor>();
  const reasons: string[] = [];
  let total = 0;
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const entry = entrySchema.safeParse(value);
    const reason = entry.success ? entryReason(entry.data, data.length) : 'needs dtype, shape and data_offsets [begin, end]';
    if (reason || !entry.success) {
      reasons.push(`${file}: tensor ${name} ${reason}`);
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry.data;
    total += offsets[1] - offsets[0];
    const own = data.subarray(...offsets);
    tensors.set(name, { dtype, shape, floats: () => floatsOf(dtype, own) });
  }
  if (reasons.length === 0 && total !== data.length)
    reasons.push(`${file}: its tensors take ${total} bytes and ${data.length} follow the header; they must be the same`);
  return reasons.length ? refuseFor(reasons) : { ok: true, value: tensors };
}

function entryReason({ dtype, shape, data_offsets: [begin, end] }: z.infer<typeof entrySchema>, available: number): string | undefined {
  if (!Object.hasOwn(SIZES, dtype)) return `has type ${dtype}; known: ${Object.keys(SIZES).join(', ')}`;
  if (begin > end || end > available) return `lies at [${begin}, ${end}] of ${available} bytes (is the file cut short?)`;
  const need = elements(shape) * SIZES[dtype];
  if (end - begin !== need) return `of shape [${shape}] and type ${dtype} takes ${need} bytes, its data_offsets say ${end - begin}`;
  return undefined;
}

function floatsOf(dtype: string, bytes: Uint8Array): Float32Array | undefined {
  if (dtype === 'F32') return new Float32Array(bytes.slice().buffer);
  const read = READERS[dtype];
  if (!read) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / SIZES[dtype] }, (_, i) => read(view, i * SIZES[dtype]));
}
