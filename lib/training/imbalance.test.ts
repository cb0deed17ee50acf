import { expect, it } from 'vitest';
import { drawGlyphs } from '../data/glyphs';
import { imbalanced, isMinority } from './imbalance';

/** Images of one pixel, which is the record's number. */
const numbered = (labels: number[]) => ({ images: Uint8Array.from(labels, (_, i) => i), labels: Uint8Array.from(labels) });

it('the second half of the classes are the minority; of an odd number, the smaller half', () => {
  const minority = (classes: number) => Array.from({ length: classes }, (_, c) => c).filter((c) => isMinority(c, classes));
  expect([4, 5, 10].map(minority)).toEqual([
    [2, 3],
    [3, 4],
    [5, 6, 7, 8, 9],
  ]);
});

it('the first images of each minority class stay, and all others, in the order of the file', () => {
  const data = numbered([2, 0, 3, 2, 1, 2, 3, 2, 0, 3, 3]);
  const { records, kept } = imbalanced(data, { classes: 4, share: 0.5 });
  expect([...kept]).toEqual([0, 1, 2, 3, 4, 6, 8]);
  expect([...records.images]).toEqual([...kept]);
  expect([...records.labels]).toEqual([2, 0, 3, 2, 1, 3, 0]);
});

it('a share is of each class’s own number, rounded, one image at least; a whole share leaves all', () => {
  const data = drawGlyphs('train', 0, 100);
  const counts = (labels: Uint8Array) => Array.from({ length: 10 }, (_, c) => labels.filter((l) => l === c).length);
  const before = counts(data.labels);
  const expected = (share: number) => before.map((n, c) => (c < 5 ? n : Math.max(1, Math.round(share * n))));
  for (const share of [0.001, 0.1, 0.37, 1]) {
    const { records, kept } = imbalanced(data, { classes: 10, share });
    expect(counts(records.labels)).toEqual(expected(share));
    kept.forEach((i, n) => {
      expect(Buffer.compare(records.images.subarray(n * 784, (n + 1) * 784), data.images.subarray(i * 784, (i + 1) * 784))).toBe(0);
    });
  }
  expect(imbalanced(data, { classes: 10, share: 1 }).records).toEqual(data);
});

it('a class without an image has none afterwards', () => {
  expect([...imbalanced(numbered([0, 2, 2]), { classes: 4, share: 0.5 }).kept]).toEqual([0, 1]);
});
