import { expect, it } from 'vitest';
import { bits } from '../random';
import { fromBase64, packBitmap, toBase64, unpackBitmap } from './evidence';

it('puts sample i into bit i & 7 of byte i >> 3', () => {
  expect([...packBitmap([true])]).toEqual([1]);
  expect([...packBitmap([0, 1, 0, 0, 0, 0, 0, 1, 1])]).toEqual([0b10000010, 1]);
  expect([...packBitmap([])]).toEqual([]);
  expect([...unpackBitmap(Uint8Array.of(0b10000010, 1), 9)]).toEqual([0, 1, 0, 0, 0, 0, 0, 1, 1]);
});

it('keeps every outcome, and 10 000 of them in 1 250 bytes', () => {
  for (const count of [1, 7, 8, 9, 500, 10000]) {
    const outcomes = Array.from(bits({ seed: count, tag: 1, sample: 0, split: 'test' }, count), (w) => w & 1);
    const packed = packBitmap(outcomes);
    expect(packed.length).toBe(Math.ceil(count / 8));
    expect([...unpackBitmap(fromBase64(toBase64(packed)), count)]).toEqual(outcomes);
  }
  expect(packBitmap(new Uint8Array(10000)).length).toBe(1250);
});

it('leaves the bits after the last sample zero', () => {
  expect([...packBitmap(new Uint8Array(10).fill(1))]).toEqual([255, 3]);
});

it('is base64 as everybody writes it', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  expect([...fromBase64(toBase64(bytes))]).toEqual([...bytes]);
  expect(toBase64(new Uint8Array())).toBe('');
});
