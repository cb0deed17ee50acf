import { describe, expect, it } from 'vitest';
import { CIFAR, CIFAR_100, cifarBatch, randomRecords } from '../testing/data-files';
import { CIFAR_10_LABELS, CIFAR_100_LABELS, decodeCifar } from './cifar';

describe('CIFAR-10', () => {
  it('turns planes into interleaved channels and keeps the order of records', () => {
    const records = randomRecords(CIFAR, 5, 'train');
    expect(decodeCifar(cifarBatch(records), 'f', CIFAR_10_LABELS)).toEqual(records);
  });

  it('puts R, G, B of the first pixel first', () => {
    const bytes = new Uint8Array(3073);
    [bytes[0], bytes[1], bytes[1 + 1024], bytes[1 + 2048], bytes[2]] = [7, 10, 20, 30, 11];
    const { images, labels } = decodeCifar(bytes, 'f', CIFAR_10_LABELS);
    expect([...images.subarray(0, 4)]).toEqual([10, 20, 30, 11]);
    expect([...labels]).toEqual([7]);
  });

  it.each([
    ['nothing', new Uint8Array(), 'f holds no records'],
    ['a cut record', new Uint8Array(3072), 'f is 3072 bytes long, a multiple of 3073 expected'],
    ['a label that there is not', new Uint8Array(3073).fill(10), 'f holds label 10 at record 0, at most 9 expected'],
  ])('names damage: %s', (_, bytes, message) => {
    expect(() => decodeCifar(bytes, 'f', CIFAR_10_LABELS)).toThrow(message);
  });
});

describe('CIFAR-100', () => {
  it('takes the fine label, the second byte, and the pixels behind it', () => {
    const records = randomRecords(CIFAR_100, 3, 'test');
    records.labels.set([99, 0, 42]);
    expect(decodeCifar(cifarBatch(records, [19, 0, 7]), 'f', CIFAR_100_LABELS)).toEqual(records);
  });

  it.each([
    ['records of CIFAR-10', new Uint8Array(3073 * 2), 'f is 6146 bytes long, a multiple of 3074 expected'],
    ['a coarse label that there is not', new Uint8Array(3074).fill(20), 'f holds coarse label 20 at record 0, at most 19 expected'],
    [
      'a fine label that there is not',
      Uint8Array.from({ length: 3074 }, (_, i) => (i === 1 ? 100 : 3)),
      'f holds fine label 100 at record 0',
    ],
  ])('names damage: %s', (_, bytes, message) => {
    expect(() => decodeCifar(bytes, 'f', CIFAR_100_LABELS)).toThrow(message);
  });
});

it('has a name of its own for each of the 100 classes, in the alphabetical order of their labels', () => {
  const { classNames } = CIFAR_100;
  expect(classNames).toHaveLength(100);
  expect(new Set(classNames).size).toBe(100);
  expect([...classNames].sort()).toEqual(classNames);
  expect([classNames[0], classNames[1], classNames[41], classNames[99]]).toEqual(['apple', 'aquarium fish', 'lawn mower', 'worm']);
});
