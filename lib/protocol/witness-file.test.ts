import zlib from 'node:zlib';
import { gunzipSync, gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { bits } from '../random';
import { deltasAt, MOST_PACKED_BYTES, packWitnesses, readWitnesses, witnessReasons } from './witness-file';

const header = {
  board: 'fashion-mnist/linf',
  data: 'd'.repeat(64),
  model: 'a'.repeat(64),
  indices: [3, 17, 9999],
  shape: [28, 28, 1] as [number, number, number],
};
const deltas = Int16Array.from(bits({ seed: 1, tag: 991, sample: 0, split: 'test' }, 3 * 784), (w) => (w % 6529) - 3264);
const packed = packWitnesses(header, deltas);

/** A file whose header and body are as they are given. */
const file = (line: unknown, body: Uint8Array = new Uint8Array(3 * 784 * 2)) => {
  const text = new TextEncoder().encode(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
  const bytes = new Uint8Array(text.length + body.length);
  bytes.set(text);
  bytes.set(body, text.length);
  return gzipSync(bytes);
};
const whole = { schema: 'witness/1', split: 'test', ...header };
const reasons = (bytes: Uint8Array) => {
  const read = readWitnesses(bytes);
  return read.ok ? [] : read.reasons;
};

describe('a witness file', () => {
  it('gives back what was packed, and the same bytes for the same witnesses', () => {
    const read = readWitnesses(packed);
    expect(read).toMatchObject({ ok: true, value: { header: whole, board: { id: 'fashion-mnist/linf' } } });
    if (!read.ok) return;
    expect(read.value.deltas).toEqual(deltas);
    expect(deltasAt(read.value, 1)).toEqual(deltas.subarray(784, 2 * 784));
    expect(packWitnesses(header, deltas)).toEqual(packed);
  });

  it('is one line of JSON and little-endian int16, as anybody’s program would write it', () => {
    const bytes = gunzipSync(packed);
    const end = bytes.indexOf(10);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)))).toEqual(whole);
    expect(bytes[end + 1] | (bytes[end + 2] << 8)).toBe(deltas[0] & 0xffff);
    expect(readWitnesses(gzipSync(bytes)).ok).toBe(true);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['that is not gzip', new TextEncoder().encode('{}'), /not gzip/],
    ['that is cut off', packed.subarray(0, packed.length - 100), /inflated|bytes/],
    ['of too many packed bytes', new Uint8Array(MOST_PACKED_BYTES + 1), /at most 4500000/],
    ['without a header line', file('', new Uint8Array(10)), /no first line/],
    ['whose first line is not JSON', file('hello\n'), /not JSON/],
    ['whose first line never ends', file('x'.repeat(20_000)), /first line is longer/],
    ['of another schema', file({ ...whole, schema: 'witness/2' }), /header\.schema: must be "witness\/1"/],
    ['of a board that there is not', file({ ...whole, board: 'mnist/linf' }), /header\.board: must be one of glyphs/],
    ['of the training split', file({ ...whole, split: 'train' }), /header\.split: must be "test"/],
    ['with a field that nobody knows', file({ ...whole, note: 1 }), /note/],
    ['whose images are named twice', file({ ...whole, indices: [3, 3, 4] }), /header\.indices: must ascend/],
    ['whose images do not ascend', file({ ...whole, indices: [3, 2, 4] }), /header\.indices: must ascend/],
    ['of an image that there is not', file({ ...whole, indices: [1, 2, 10000] }), /10000 is not among the 10000 test images/],
    ['of 501 images', file({ ...whole, indices: Array.from({ length: 501 }, (_, i) => i) }), /at most 500 images/],
    ['of no image', file({ ...whole, indices: [] }, new Uint8Array()), /header\.indices/],
    ['of images of another shape', file({ ...whole, shape: [32, 32, 3] }), /header\.shape: expected 28, 28, 1 .* got 32, 32, 3/],
    ['with too few deltas', file(whole, new Uint8Array(100)), /have 100 bytes; 3 images need 4704/],
    ['with too many deltas', file(whole, new Uint8Array(5000)), /longer than 3 images need, which is 4704/],
  ])('%s is refused by name', (_, bytes, sentence) => {
    expect(reasons(bytes).join('; ')).toMatch(sentence);
  });

  it('that inflates without end is read no further than its header announces', () => {
    const bomb = zlib.gzipSync(new Uint8Array(200_000_000), { level: 9 });
    expect(reasons(bomb)[0]).toMatch(/first line is longer/);
    expect(reasons(Buffer.concat([file(whole, new Uint8Array()), bomb]))[0]).toMatch(/longer than 3 images need/);
  });

  it('is read or refused with reasons, whatever of it is damaged', () => {
    const outcomes = { read: 0, refused: 0 };
    const plain = gunzipSync(packed);
    for (let i = 0; i < 400; i++) {
      const words = bits({ seed: 9, tag: 992, sample: i, split: 'test' }, 12);
      const source = i % 2 ? packed.slice() : plain.slice();
      const span = i % 4 === 0 ? 250 : source.length; // every second of the plain ones: in the header
      for (let n = 0; n <= words[0] % 4; n++) source[words[2 * n + 1] % span] = words[2 * n + 2] & 255;
      const read = readWitnesses(i % 2 ? source : gzipSync(source));
      outcomes[read.ok ? 'read' : 'refused']++;
      if (!read.ok) for (const reason of read.reasons) expect(reason).toMatch(/\S/);
      else expect(read.value.deltas).toHaveLength(784 * read.value.header.indices.length);
    }
    expect(outcomes.refused).toBeGreaterThan(100);
    expect(outcomes.read).toBeGreaterThan(20);
  });
});

it('names the images that leave box or ball, five at most', () => {
  const read = readWitnesses(packed);
  if (!read.ok) throw new Error(read.reasons.join());
  const grey = new Uint8Array(3 * 784).fill(128);
  expect(witnessReasons(read.value, grey)).toEqual([]);
  read.value.deltas[784 + 29] = 4000;
  expect(witnessReasons(read.value, grey)).toEqual(['image 17, row 1, column 1: 4000 leaves the ball; at most ±3264 is allowed (ε = 0.1)']);
  expect(witnessReasons(read.value, new Uint8Array(3 * 784))).toHaveLength(3);
});
