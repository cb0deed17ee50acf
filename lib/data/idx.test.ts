import { describe, expect, it } from 'vitest';
import { idx } from '../testing/data-files';
import { decodeIdxImages, decodeIdxLabels } from './idx';

const shape = [2, 3, 1] as const;
const twelve = Uint8Array.from({ length: 12 }, (_, i) => i);

it('gives the bytes after the header, in file order', () => {
  expect([...decodeIdxImages(idx([2, 2, 3], twelve), 'f', shape)]).toEqual([...twelve]);
  expect([...decodeIdxLabels(idx([3], Uint8Array.of(0, 9, 4)), 'f', 10)]).toEqual([0, 9, 4]);
});

it('reads from the middle of a buffer', () => {
  const padded = new Uint8Array(40);
  padded.set(idx([3], Uint8Array.of(1, 2, 3)), 7);
  expect([...decodeIdxLabels(padded.subarray(7, 18), 'f', 10)]).toEqual([1, 2, 3]);
});

describe('damage is named with the file', () => {
  it.each([
    ['nothing', new Uint8Array(), 'f is not an idx file of bytes with 3 dimension(s)'],
    ['a part of the header', idx([2, 2, 3], twelve).subarray(0, 10), 'f is not an idx file'],
    ['another magic', idx([2, 6], twelve), 'f is not an idx file of bytes with 3'],
    ['floats', Uint8Array.from(idx([2, 2, 3], twelve), (b, i) => (i === 2 ? 0x0d : b)), 'f is not an idx file'],
    ['a byte short', idx([2, 2, 3], twelve).subarray(0, -1), 'f holds 11 bytes of data, its header promises 12'],
    ['a byte more', idx([2, 2, 3], new Uint8Array(13)), 'f holds 13 bytes of data, its header promises 12'],
    ['no images', idx([0, 2, 3], new Uint8Array()), 'f holds no records'],
    ['another size', idx([2, 3, 2], twelve), 'f holds images of 3×2, 2×3 expected'],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeIdxImages(bytes, 'f', shape)).toThrow(message);
  });

  it('no labels', () => {
    expect(() => decodeIdxLabels(idx([0], new Uint8Array()), 'f', 10)).toThrow('f holds no records');
  });

  it('a label that there is not', () => {
    expect(() => decodeIdxLabels(idx([3], Uint8Array.of(1, 10, 2)), 'f', 10)).toThrow('f holds label 10 at record 1, at most 9 expected');
  });
});
