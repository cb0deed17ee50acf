/**
 * What a runner says of the samples that it attacked again: a bit for each, and of those that broke the witnesses, so that
 * nobody has to believe it. Its bytes are signed like a report's.
 */
import { z } from 'zod';
import { type Checked, refuseFor } from '../model/bundle';
import type { Witness } from './break-images';
import { fromBase64, packBitmap, toBase64, unpackBitmap } from './evidence';
import { TOLERATED } from './spot-check';
import { MOST_WITNESSES, packWitnesses, readWitnesses, type WitnessFile, type WitnessHeader } from './witness-file';

/** Bytes of the packed witnesses: as base64, with the rest, they fit into a request. */
export const MOST_SPOT_BYTES = 3_000_000;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const words = z.string().max(500);
const uint32 = z.number().int().min(0).max(0xffffffff);

export const spotResultSchema = z.strictObject({
  schema: z.literal('spot-check/1'),
  protocol: z.literal('1'),
  board: z.string(),
  /** SHA-256 of the claim's report, of the model and of the split. */
  claim: sha256,
  model: sha256,
  data: sha256,
  seed: uint32,
  restarts: z.number().int().min(1),
  attacks: z.array(z.string().max(50)).min(1).max(50),
  /** Records of the test split that were attacked, ascending. */
  indices: z.array(z.number().int().nonnegative()).min(1).max(100_000),
  /** Base64 bitmap: bit n (little-endian within bytes) = sample indices[n] held. */
  held: z.base64(),
  /** Base64 of a witness file of those that broke; absent where none did. */
  witnesses: z.base64().optional(),
  environment: z.strictObject({
    backend: z.enum(['webgpu', 'wasm', 'cpu']),
    device: words,
    engine: words,
    versions: z.record(z.string().max(50), z.string().max(100)),
  }),
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
});
export type SpotResult = z.infer<typeof spotResultSchema>;

/** Of the samples of a result, those that broke. */
export function brokenOf({ indices, held }: Pick<SpotResult, 'indices' | 'held'>): number[] {
  const bits = unpackBitmap(fromBase64(held), indices.length);
  return indices.filter((_, n) => bits[n] === 0);
}

/** The part of a result that says what broke; of more witnesses than fit, the first ones. */
export function outcomesOf(
  indices: readonly number[],
  witnesses: readonly Witness[],
  header: Omit<WitnessHeader, 'schema' | 'split' | 'indices'>,
): Pick<SpotResult, 'held' | 'witnesses'> {
  const broken = new Set(witnesses.map((w) => w.index));
  const held = toBase64(packBitmap(indices.map((index) => !broken.has(index))));
  if (witnesses.length === 0) return { held };
  for (let most = Math.min(witnesses.length, MOST_WITNESSES); ; most = Math.ceil(most / 2)) {
    const kept = witnesses.slice(0, most);
    const size = kept[0].deltas.length;
    const deltas = new Int16Array(kept.length * size);
    kept.forEach((w, n) => {
      deltas.set(w.deltas, n * size);
    });
    const packed = packWitnesses({ ...header, indices: kept.map((w) => w.index) }, deltas);
    if (packed.length <= MOST_SPOT_BYTES || most === 1) return { held, witnesses: toBase64(packed) };
  }
}

/**
 * The witnesses of a result, which have to prove what it says broke: every one of them, or more than an honest claim may
 * have. Box and ball are looked at when the images are there (witnessReasons). Undefined where nothing broke.
 */
export function readSpotWitnesses(result: SpotResult): Checked<{ file: WitnessFile; packed: Uint8Array } | undefined> {
  const broken = brokenOf(result);
  const { witnesses, indices, board, model, data } = result;
  const bytes = Math.ceil(indices.length / 8);
  const got = fromBase64(result.held).length;
  if (got !== bytes) return refuseFor([`held: ${got} bytes; ${indices.length} samples need ${bytes}`]);
  if (witnesses === undefined)
    return broken.length === 0
      ? { ok: true, value: undefined }
      : refuseFor([`witnesses: they are missing, but ${broken.length} samples are said to break`]);
  const packed = fromBase64(witnesses);
  const read = readWitnesses(packed);
  if (!read.ok) return refuseFor(read.reasons.map((reason) => `witnesses: ${reason}`));
  const { header } = read.value;
  for (const [key, wanted] of Object.entries({ board, model, data }))
    if (header[key as 'board'] !== wanted)
      return refuseFor([`witnesses: header.${key}: ${header[key as 'board']}, the result is about ${wanted}`]);
  const held = header.indices.find((index) => !broken.includes(index));
  if (held !== undefined) return refuseFor([`witnesses: header.indices: ${held} is not among the samples that are said to break`]);
  if (header.indices.length < broken.length && header.indices.length <= TOLERATED)
    return refuseFor([
      `witnesses: ${header.indices.length} of them, but ${broken.length} samples are said to break; each needs one, or more than ${TOLERATED} do`,
    ]);
  return { ok: true, value: { file: read.value, packed } };
}
