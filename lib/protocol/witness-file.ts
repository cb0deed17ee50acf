/**
 * The witness file (contract §7): gzip of one line of JSON, then the perturbations as little-endian int16, NHWC, in the
 * order of the line's indices. Read without trust: what it inflates to is bounded before and while it is inflated.
 */
import { Gunzip, gzipSync } from 'fflate';
import { z } from 'zod';
import { DATASETS, imageBytes } from '../data/datasets';
import { type Checked, refuseFor } from '../model/bundle';
import { issueSentences } from '../model/issues';
import { printable } from '../model/sentences';
import { BOARDS, type Board } from './boards';
import { outside } from './witness';

/** Images in a file, and bytes of a packed one: what a request takes. */
export const MOST_WITNESSES = 500;
export const MOST_PACKED_BYTES = 4_500_000;
/** A line with 500 indices has about 4 000. */
const MOST_HEADER_BYTES = 16_384;
/** Packed bytes that are inflated at a time: they grow to 8.5 MB at most, and the sum is looked at after each. */
const STEP = 8_192;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const headerSchema = z.strictObject({
  schema: z.literal('witness/1', 'must be "witness/1"'),
  board: z.string().refine((id) => BOARDS.has(id), `must be one of ${[...BOARDS.keys()].join(', ')}`),
  /** Of the decoded split, as reports name it. */
  data: sha256,
  /** The model's identity, as reports name it. */
  model: sha256,
  split: z.literal('test', 'must be "test": robust accuracy is of test images'),
  /** Records of the split, ascending. */
  indices: z
    .array(z.number().int('must be a whole number').min(0, 'must be 0 or more'))
    .min(1)
    .max(MOST_WITNESSES, `must name at most ${MOST_WITNESSES} images`)
    .refine((list) => list.every((index, i) => i === 0 || index > list[i - 1]), 'must ascend, each named once'),
  shape: z.tuple([z.number(), z.number(), z.number()]),
});
export type WitnessHeader = z.infer<typeof headerSchema>;

export interface WitnessFile {
  header: WitnessHeader;
  board: Board;
  /** In the order of the header's indices, one after the other. */
  deltas: Int16Array;
}

const refuse = (reason: string) => refuseFor([reason]);

/** Packs witnesses; the same witnesses give the same bytes. */
export function packWitnesses(header: Omit<WitnessHeader, 'schema' | 'split'>, deltas: Int16Array): Uint8Array {
  const line = new TextEncoder().encode(`${JSON.stringify(headerSchema.parse({ schema: 'witness/1', split: 'test', ...header }))}\n`);
  const expected = header.indices.length * header.shape.reduce((a, b) => a * b);
  if (deltas.length !== expected) throw new Error(`expected ${expected} deltas, got ${deltas.length}`);
  const bytes = new Uint8Array(line.length + 2 * deltas.length);
  bytes.set(line);
  const view = new DataView(bytes.buffer, line.length);
  deltas.forEach((d, i) => {
    view.setInt16(2 * i, d, true);
  });
  return gzipSync(bytes, { level: 6, mtime: 0 });
}

class TooLong extends Error {}

/**
 * Inflates at most what the header announces. `announced` is asked for the whole length with every piece until it knows;
 * what goes on beyond is not inflated.
 */
function inflate(packed: Uint8Array, announced: (begun: Uint8Array) => number | undefined): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let whole: number | undefined;
  const gunzip = new Gunzip((piece) => {
    pieces.push(piece);
    length += piece.length;
    if (whole === undefined) whole = announced(joined(pieces, length));
    if (length > (whole ?? MOST_HEADER_BYTES)) throw new TooLong();
  });
  for (let at = 0; at < packed.length; at += STEP) gunzip.push(packed.subarray(at, at + STEP), at + STEP >= packed.length);
  return joined(pieces, length);
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Reads a file; refuses by name what is not as it must be. Box and ball are looked at when the images are there (witnessReasons). */
export function readWitnesses(packed: Uint8Array): Checked<WitnessFile> {
  if (packed.length > MOST_PACKED_BYTES) return refuse(`the file has ${packed.length} bytes; at most ${MOST_PACKED_BYTES} are taken`);
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return refuse('the file is not gzip');
  let header: Checked<WitnessHeader> | undefined;
  let body = 0;
  let inflated: Uint8Array;
  try {
    inflated = inflate(packed, (begun) => {
      const end = begun.subarray(0, MOST_HEADER_BYTES).indexOf(10);
      if (end < 0) return undefined;
      body = end + 1;
      header = readHeader(begun.subarray(0, end));
      return header.ok ? body + bytesOf(header.value) : 0;
    });
  } catch (error) {
    if (header && !header.ok) return header;
    if (header && error instanceof TooLong)
      return refuse(`the deltas are longer than ${header.value.indices.length} images need, which is ${bytesOf(header.value)} bytes`);
    if (error instanceof TooLong) return refuse(`the first line is longer than ${MOST_HEADER_BYTES} bytes; it must be the JSON header`);
    return refuse(`the file could not be inflated: ${printable((error as Error).message)}`);
  }
  if (!header) return refuse('the file has no first line with the JSON header');
  if (!header.ok) return header;
  const expected = bytesOf(header.value);
  if (inflated.length - body !== expected)
    return refuse(`the deltas have ${inflated.length - body} bytes; ${header.value.indices.length} images need ${expected}`);
  const view = new DataView(inflated.buffer, body);
  const deltas = new Int16Array(expected / 2);
  for (let i = 0; i < deltas.length; i++) deltas[i] = view.getInt16(2 * i, true);
  return { ok: true, value: { header: header.value, board: BOARDS.get(header.value.board) as Board, deltas } };
}

const bytesOf = ({ indices, shape }: WitnessHeader) => 2 * indices.length * shape.reduce((a, b) => a * b);

function readHeader(line: Uint8Array): Checked<WitnessHeader> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    return refuse('the first line is not JSON');
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) return refuseFor(issueSentences(parsed.error, 'header', json, 5));
  const dataset = DATASETS[(BOARDS.get(parsed.data.board) as Board).dataset];
  const { shape, indices } = parsed.data;
  if (shape.some((n, i) => n !== dataset.shape[i]))
    return refuse(`header.shape: expected ${dataset.shape.join(', ')} for ${parsed.data.board}, got ${shape.join(', ')}`);
  const last = indices[indices.length - 1];
  if (last >= dataset.records.test) return refuse(`header.indices: ${last} is not among the ${dataset.records.test} test images`);
  return { ok: true, value: parsed.data };
}

/** Bytes of one image of the file's board, and the perturbation of the file's n-th image. */
export const sizeOf = ({ board }: Pick<WitnessFile, 'board'>): number => imageBytes(DATASETS[board.dataset]);
export function deltasAt(file: WitnessFile, n: number): Int16Array {
  const size = sizeOf(file);
  return file.deltas.subarray(n * size, (n + 1) * size);
}

/** Which images' perturbations leave box or ball, at most five; none where all stay inside. `images`: in the order of the indices. */
export function witnessReasons(file: WitnessFile, images: Uint8Array): string[] {
  const { board, header } = file;
  const size = sizeOf(file);
  const reasons: string[] = [];
  for (let n = 0; n < header.indices.length && reasons.length < 5; n++) {
    const why = outside(deltasAt(file, n), images.subarray(n * size, (n + 1) * size), board, DATASETS[board.dataset].shape);
    if (why) reasons.push(`image ${header.indices[n]}, ${why}`);
  }
  return reasons;
}

/** Packs witnesses, ascending, into as many files as are needed, each of at most 500 images and 4.5 MB. */
export function packFiles(
  header: Omit<WitnessHeader, 'schema' | 'split' | 'indices'>,
  witnesses: readonly { index: number; deltas: Int16Array }[],
  most = MOST_WITNESSES,
): Uint8Array[] {
  if (witnesses.length === 0) return [];
  if (witnesses.length <= most) {
    const size = witnesses[0].deltas.length;
    const deltas = new Int16Array(witnesses.length * size);
    witnesses.forEach((w, n) => {
      deltas.set(w.deltas, n * size);
    });
    const packed = packWitnesses({ ...header, indices: witnesses.map((w) => w.index) }, deltas);
    if (packed.length <= MOST_PACKED_BYTES) return [packed];
    // One image has 154 kB at most, so halves end below the limit.
    return packFiles(header, witnesses, Math.ceil(witnesses.length / 2));
  }
  const files: Uint8Array[] = [];
  for (let at = 0; at < witnesses.length; at += most) files.push(...packFiles(header, witnesses.slice(at, at + most), most));
  return files;
}
