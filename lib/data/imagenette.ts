/**
 * ImageNette's archive (160 px): `imagenette2-160/{train,val}/<WordNet id>/<name>.JPEG`, shorter side 160. `val` is the test
 * split. A split's order is by class, then by file name, as bytes. https://github.com/fastai/imagenette
 */
import { Failure } from '../failure';
import type { Split } from '../random';
import { IMAGENETTE_CLASSES } from './class-names';

export interface ImagenetteName {
  split: Split;
  label: number;
}

const LABELS = new Map(IMAGENETTE_CLASSES.map(([id], label) => [id, label]));

/** What an entry of the archive is; undefined if it is not one of the images, refused if it looks like one in a wrong place. */
export function readImagenetteName(name: string, file: string): ImagenetteName | undefined {
  const match = /^imagenette2-160\/([^/]+)\/([^/]+)\/[^/.][^/]*\.JPEG$/.exec(name);
  if (!match) return undefined;
  const [, part, id] = match;
  const label = LABELS.get(id);
  if (part !== 'train' && part !== 'val') throw new Failure('data-damaged', `${file} holds ${name}; folders train and val expected`);
  if (label === undefined) throw new Failure('data-damaged', `${file} holds ${name}; ${id} is none of ImageNette's ten classes`);
  return { split: part === 'val' ? 'test' : 'train', label };
}

/**
 * RGBA bytes of a `width`×`height` image → its centre as `side`×`side` RGB, into `out`. Along each axis the crop begins at
 * floor((length − side) / 2); an image that is shorter lies at floor((side − length) / 2) with black around it.
 */
export function centreCrop(rgba: ArrayLike<number>, width: number, height: number, side: number, out: Uint8Array): void {
  const top = Math.floor(Math.abs(height - side) / 2);
  const left = Math.floor(Math.abs(width - side) / 2);
  const [fromY, toY] = height >= side ? [top, 0] : [0, top];
  const [fromX, toX] = width >= side ? [left, 0] : [0, left];
  out.fill(0);
  for (let y = 0; y < Math.min(height, side); y++) {
    let from = 4 * ((fromY + y) * width + fromX);
    let to = 3 * ((toY + y) * side + toX);
    for (let x = 0; x < Math.min(width, side); x++, from += 4, to += 3) {
      out[to] = rgba[from];
      out[to + 1] = rgba[from + 1];
      out[to + 2] = rgba[from + 2];
    }
  }
}
