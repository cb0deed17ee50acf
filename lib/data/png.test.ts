import { crc32, inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { encodePng } from './png';

/** Chunks of a PNG, each with a checksum that zlib's own agrees with. */
function chunksOf(png: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(png);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.subarray(0, 4).toString(), body.subarray(4));
    at += 12 + length;
  }
  return chunks;
}

it.each([
  { name: 'grey', shape: [2, 3, 1] as const, colour: 0 },
  { name: 'RGB', shape: [2, 3, 3] as const, colour: 2 },
])('holds $name pixels as they are', ({ shape, colour }) => {
  const [height, width, channels] = shape;
  const pixels = Uint8Array.from({ length: height * width * channels }, (_, i) => (i * 37) & 255);
  const png = encodePng(pixels, shape);
  expect(Buffer.from(png.subarray(0, 8)).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = chunksOf(png);
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  expect([...(chunks.get('IHDR') as Buffer)]).toEqual([0, 0, 0, width, 0, 0, 0, height, 8, colour, 0, 0, 0]);
  const row = width * channels;
  const rows = inflateSync(chunks.get('IDAT') as Buffer);
  expect([...rows]).toEqual([0, ...pixels.subarray(0, row), 0, ...pixels.subarray(row)]);
});

it('refuses pixels that are not of the shape', () => {
  expect(() => encodePng(new Uint8Array(5), [2, 3, 1])).toThrow('expected 6 bytes for 2×3×1, got 5');
  expect(() => encodePng(new Uint8Array(8), [2, 2, 2])).toThrow('expected 1 or 3 channels, got 2');
});
