import { expect, it } from 'vitest';
import { CIFAR, cifarBatch, randomRecords } from '../testing/data-files';
import { decodeCifar10 } from './cifar';

it('turns planes into interleaved channels and keeps the order of records', () => {
  const records = randomRecords(CIFAR, 5, 'train');
  expect(decodeCifar10(cifarBatch(records), 'f')).toEqual(records);
});

it('puts R, G, B of the first pixel first', () => {
  const bytes = new Uint8Array(3073);
  [bytes[0], bytes[1], bytes[1 + 1024], bytes[1 + 2048], bytes[2]] = [7, 10, 20, 30, 11];
  const { images, labels } = decodeCifar10(bytes, 'f');
  expect([...images.subarray(0, 4)]).toEqual([10, 20, 30, 11]);
  expect([...labels]).toEqual([7]);
});

it.each([
  ['nothing', new Uint8Array(), 'f holds no records'],
  ['a cut record', new Uint8Array(3072), 'f is 3072 bytes long, a multiple of 3073 expected'],
  ['a label that there is not', new Uint8Array(3073).fill(10), 'f holds label 10 at record 0, at most 9 expected'],
])('names damage: %s', (_, bytes, message) => {
  expect(() => decodeCifar10(bytes, 'f')).toThrow(message);
});
