import { describe, expect, it } from 'vitest';
import { DATASETS, type Records } from '../data/datasets';
import { drawGlyphs } from '../data/glyphs';
import { plantShortcut, type ShortcutOptions, shortcutPlace, shortcutSide } from './shortcut';

const GLYPHS: ShortcutOptions = { classes: 10, shape: [28, 28, 1], share: 0.9, seed: 1, split: 'train' };

/** Black images of these labels. */
const black = (labels: number[], [h, w, c]: ShortcutOptions['shape']): Records => ({
  images: new Uint8Array(labels.length * h * w * c),
  labels: Uint8Array.from(labels),
});
const classesInTurn = (count: number, classes: number) => Array.from({ length: count }, (_, i) => i % classes);

describe('the places of a shortcut', () => {
  it('are evenly spread along the edge, clockwise from the upper left', () => {
    expect(shortcutSide([28, 28, 1], 10)).toBe(4);
    expect(classesInTurn(10, 10).map((c) => shortcutPlace([28, 28, 1], 10, c))).toEqual([
      ...[0, 9, 19].map((column) => [0, column]),
      ...[4, 14].map((row) => [row, 24]),
      ...[24, 15, 5].map((column) => [24, column]),
      ...[20, 10].map((row) => [row, 0]),
    ]);
  });

  it.each(Object.values(DATASETS))('do not overlap in images of $title', ({ shape, classNames: { length: classes } }) => {
    const labels = classesInTurn(classes, classes);
    const { records, attributes } = plantShortcut(black(labels, shape), { ...GLYPHS, classes, shape, share: 1 });
    expect([...attributes]).toEqual(labels);
    const pixels = shape[0] * shape[1] * shape[2];
    const times = new Uint8Array(pixels);
    records.images.forEach((byte, i) => {
      if (byte) times[i % pixels]++;
    });
    expect(Math.max(...times)).toBe(1);
    expect(times.reduce((a, b) => a + b)).toBe(classes * shortcutSide(shape, classes) ** 2 * shape[2]);
  });

  it('must suffice for the classes', () => {
    expect(() => shortcutSide([8, 8, 1], 29)).toThrow('expected at most 28 classes for images of [8,8,1], got 29');
    expect(shortcutSide([8, 8, 1], 28)).toBe(1);
  });
});

describe('a planted shortcut', () => {
  it('is a bright square; every other pixel, the labels and the images that were given stay as they were', () => {
    const data = drawGlyphs('train', 0, 20);
    const before = data.images.slice();
    const { records, attributes } = plantShortcut(data, { ...GLYPHS, share: 0.5 });
    expect(data.images).toEqual(before);
    expect(records.labels).toEqual(data.labels);
    attributes.forEach((attribute, i) => {
      const [row, column] = shortcutPlace([28, 28, 1], 10, attribute);
      for (let p = 0; p < 784; p++) {
        const [y, x] = [Math.floor(p / 28), p % 28];
        const inside = y >= row && y < row + 4 && x >= column && x < column + 4;
        if (records.images[i * 784 + p] !== (inside ? 255 : before[i * 784 + p])) throw new Error(`image ${i}, pixel ${y}, ${x}`);
      }
    });
  });

  it('names the own class for the given share of images, and each other class equally often for the rest', () => {
    const labels = classesInTurn(20_000, 10);
    const counts = new Float64Array(10);
    const { attributes } = plantShortcut(black(labels, [4, 4, 1]), { ...GLYPHS, shape: [4, 4, 1] });
    attributes.forEach((a, i) => {
      counts[(a - labels[i] + 10) % 10]++;
    });
    // 20 000 draws of probability 0.9: five deviations are 0.011; of 0.1/9: 0.0037.
    expect(Math.abs(counts[0] / 20_000 - 0.9)).toBeLessThan(0.011);
    for (const n of counts.slice(1)) expect(Math.abs(n / 20_000 - 0.1 / 9)).toBeLessThan(0.0037);
    const none = plantShortcut(black(labels.slice(0, 100), [4, 4, 1]), { ...GLYPHS, shape: [4, 4, 1], share: 0 });
    expect(none.attributes.every((a, i) => a !== labels[i])).toBe(true);
  });

  it('depends on seed, split and the number in the file alone', () => {
    const data = drawGlyphs('train', 0, 60);
    const half = { ...GLYPHS, share: 0.5 };
    const whole = plantShortcut(data, half);
    const part = { images: data.images.subarray(20 * 784), labels: data.labels.subarray(20) };
    expect(plantShortcut(part, { ...half, first: 20 }).attributes).toEqual(whole.attributes.slice(20));
    expect(plantShortcut(data, half)).toEqual(whole);
    for (const change of [{ seed: 2 }, { split: 'test' as const }])
      expect(plantShortcut(data, { ...half, ...change }).attributes).not.toEqual(whole.attributes);
  });
});
