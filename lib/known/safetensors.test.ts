import { describe, expect, it } from 'vitest';
import { safetensorsBytes, safetensorsFile } from '../testing/state-dicts';
import { readSafetensors } from './safetensors';

const stored = (dtype: string, shape: number[], ...bytes: number[]) => ({ dtype, shape, bytes: Uint8Array.from(bytes) });

function floats(dtype: string, ...bytes: number[]): number[] | undefined {
  const size = { F64: 8, F32: 4, I64: 8 }[dtype] ?? 2;
  const read = readSafetensors(safetensorsFile({ x: stored(dtype, [bytes.length / size], ...bytes) }), 'net.safetensors');
  if (!read.ok) throw new Error(read.reasons.join('\n'));
  const values = read.value.get('x')?.floats();
  return values && [...values];
}

const reasons = (header: unknown, bytes = 0) => {
  const read = readSafetensors(safetensorsBytes(header, new Uint8Array(bytes)), 'net.safetensors');
  return read.ok ? [] : read.reasons;
};
const entry = (dtype: unknown, shape: unknown, data_offsets: unknown) => ({ x: { dtype, shape, data_offsets } });

describe('a safetensors file', () => {
  it('gives its tensors by name with shape and type, without the metadata', () => {
    const file = safetensorsFile({ b: stored('F32', [2, 1], 0, 0, 128, 63, 0, 0, 0, 192), a: stored('I64', [], 7, 0, 0, 0, 0, 0, 0, 0) });
    const read = readSafetensors(file, 'net.safetensors');
    if (!read.ok) throw new Error(read.reasons.join('\n'));
    expect([...read.value].map(([name, { dtype, shape }]) => ({ name, dtype, shape }))).toEqual([
      { name: 'b', dtype: 'F32', shape: [2, 1] },
      { name: 'a', dtype: 'I64', shape: [] },
    ]);
    expect([...(read.value.get('b')?.floats() ?? [])]).toEqual([1, -2]);
  });

  it('is read from wherever it lies in memory, as Node hands files out', () => {
    const file = safetensorsFile({ x: stored('F32', [1], 0, 0, 32, 65) });
    for (const before of [0, 1, 2, 3]) {
      const whole = Buffer.alloc(file.length + before);
      whole.set(file, before);
      const read = readSafetensors(whole.subarray(before), 'net.safetensors');
      expect(read.ok && [...(read.value.get('x')?.floats() ?? [])]).toEqual([10]);
    }
  });

  it.each([
    ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], [-1.5]],
    ['F32', [0, 0, 0xc0, 0xbf, 1, 0, 0, 0], [-1.5, 2 ** -149]],
    ['F16', [0x00, 0xbe, 0x01, 0x00, 0xff, 0x7b], [-1.5, 2 ** -24, 65504]],
    ['BF16', [0xc0, 0xbf, 0x00, 0x47], [-1.5, 32768]],
    ['I64', [1, 0, 0, 0, 0, 0, 0, 0], undefined],
  ] as const)('holds numbers of type %s as IEEE 754 or its makers define them', (dtype, bytes, values) => {
    expect(floats(dtype, ...bytes)).toEqual(values);
  });

  it('is refused where its frame is not one', () => {
    const of = (...bytes: number[]) => {
      const read = readSafetensors(Uint8Array.from(bytes), 'a.pt');
      return read.ok ? [] : read.reasons;
    };
    expect(of(1, 2)).toEqual(['a.pt is not a safetensors file: it is 2 bytes long, the length of its header alone takes 8']);
    expect(of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0)[0]).toMatch(
      /^a\.pt is not a safetensors file: its first 8 bytes announce a header of \d+ bytes/,
    );
    expect(reasons('{"x":')[0]).toMatch(/^net\.safetensors is not a safetensors file: its header is not valid JSON: /);
    expect(reasons('[]')).toEqual(['net.safetensors is not a safetensors file: its header must be an object']);
    expect(reasons('['.repeat(100))).toEqual(['net.safetensors is not a safetensors file: its header is nested more than 64 levels deep']);
  });

  it.each([
    [{ x: 1 }, 0, 'tensor x needs dtype, shape and data_offsets [begin, end]'],
    [entry('F32', [-1], [0, 4]), 4, 'tensor x needs dtype, shape and data_offsets [begin, end]'],
    [entry('F8', [1], [0, 1]), 1, 'tensor x has type F8; known: F64, F32, F16, BF16, I64, U64, I32, U32, I16, U16, I8, U8, BOOL'],
    [entry('F32', [2], [0, 8]), 4, 'tensor x lies at [0, 8] of 4 bytes (is the file cut short?)'],
    [entry('F32', [2], [0, 4]), 4, 'tensor x of shape [2] and type F32 takes 8 bytes, its data_offsets say 4'],
    [
      entry('F32', [1e9, 1e9, 1e9], [0, 4]),
      4,
      'tensor x of shape [1000000000,1000000000,1000000000] and type F32 takes 4e+27 bytes, its data_offsets say 4',
    ],
    [entry('F32', [1], [0, 4]), 8, 'its tensors take 4 bytes and 8 follow the header; they must be the same'],
    [{ 'a\nb': 1 }, 0, 'tensor a\\u000ab needs dtype, shape and data_offsets [begin, end]'],
  ])('is refused for %j before %i bytes', (header, bytes, reason) => {
    expect(reasons(header, bytes)).toEqual([`net.safetensors: ${reason}`]);
  });

  it('names every tensor that is off', () => {
    expect(reasons({ a: 1, b: 2 })).toHaveLength(2);
  });
});
