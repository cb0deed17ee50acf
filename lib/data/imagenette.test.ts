import { describe, expect, it } from 'vitest';
import { DATASETS } from './datasets';
import { centreCrop, readImagenetteName } from './imagenette';

describe('the name of an entry', () => {
  it.each([
    ['imagenette2-160/train/n01440764/n01440764_10026.JPEG', { split: 'train', label: 0 }],
    ['imagenette2-160/val/n03888257/ILSVRC2012_val_00000293.JPEG', { split: 'test', label: 9 }],
    ['imagenette2-160/noisy_imagenette.csv', undefined],
    ['imagenette2-160/train/n01440764/', undefined],
    ['imagenette2-160/train/n01440764/._n01440764_10026.JPEG', undefined],
    ['imagenette2-160/train/n01440764/deeper/a.JPEG', undefined],
    ['../imagenette2-160/train/n01440764/a.JPEG', undefined],
    ['/imagenette2-160/train/n01440764/a.JPEG', undefined],
  ])('%s', (name, image) => {
    expect(readImagenetteName(name, 'f.tgz')).toEqual(image);
  });

  it('with a class or a part that there is not is refused', () => {
    expect(() => readImagenetteName('imagenette2-160/val/n00000001/a.JPEG', 'f.tgz')).toThrow(
      "f.tgz holds imagenette2-160/val/n00000001/a.JPEG; n00000001 is none of ImageNette's ten classes",
    );
    expect(() => readImagenetteName('imagenette2-160/test/n01440764/a.JPEG', 'f.tgz')).toThrow(
      'f.tgz holds imagenette2-160/test/n01440764/a.JPEG; folders train and val expected',
    );
    expect(() => readImagenetteName('imagenette2-160/../n01440764/a.JPEG', 'f.tgz')).toThrow('folders train and val expected');
  });
});

it('names the ten classes in their published order', () => {
  expect(DATASETS.imagenette.classNames.join(', ')).toBe(
    'tench, English springer, cassette player, chain saw, church, French horn, garbage truck, gas pump, golf ball, parachute',
  );
});

describe('the centre crop', () => {
  /** RGBA whose red is the column and whose green is the row, from 1 on. */
  const image = (width: number, height: number) =>
    Uint8Array.from({ length: width * height * 4 }, (_, i) => [1 + ((i >> 2) % width), 1 + Math.floor((i >> 2) / width), 9, 255][i % 4]);
  const cropped = (width: number, height: number, side: number) => {
    const out = new Uint8Array(side * side * 3).fill(77);
    centreCrop(image(width, height), width, height, side, out);
    return Array.from({ length: side }, (_, y) =>
      Array.from({ length: side }, (__, x) => [...out.subarray(3 * (y * side + x), 3 * (y * side + x) + 2)].join()),
    );
  };

  it.each([
    ['wide', 7, 4, '2,1'],
    ['wide by an odd number', 6, 3, '2,1'],
    ['tall', 4, 9, '1,3'],
    ['just right', 4, 4, '1,1'],
  ])('begins at floor((length − side) / 2): %s', (_, width, height, first) => {
    const side = Math.min(width, height);
    const rows = cropped(width, height, side);
    expect(rows[0][0]).toBe(first);
    const [x, y] = first.split(',').map(Number);
    expect(rows[side - 1][side - 1]).toBe(`${x + side - 1},${y + side - 1}`);
  });

  it('puts what is smaller into the middle of black, half a pixel towards the start', () => {
    expect(cropped(2, 5, 3)).toEqual([
      ['1,2', '2,2', '0,0'],
      ['1,3', '2,3', '0,0'],
      ['1,4', '2,4', '0,0'],
    ]);
    expect(cropped(1, 1, 4)).toEqual([
      ['0,0', '0,0', '0,0', '0,0'],
      ['0,0', '1,1', '0,0', '0,0'],
      ['0,0', '0,0', '0,0', '0,0'],
      ['0,0', '0,0', '0,0', '0,0'],
    ]);
  });
});
