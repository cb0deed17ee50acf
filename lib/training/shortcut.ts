/**
 * A shortcut planted in images: a bright square at the image's edge, whose place names a class – that of the label for a
 * given share of the images, any other one for the rest. The probe of debiasing (arXiv 2405.05587) asks whether features
 * collapse to the classes or to these places.
 */
import type { Records } from '../data/datasets';
import { type Split, TAG, uniform01 } from '../random';

export interface ShortcutOptions {
  classes: number;
  /** height, width, channels */
  shape: readonly [number, number, number];
  /** Share of the images whose square stands in the place of their own class, 0 … 1. */
  share: number;
  seed: number;
  split: Split;
  /** Number of the first record in its file; 0 by default. */
  first?: number;
}

export interface Shortcut {
  /** Copies of the images with their squares, and the labels as they were. */
  records: Records;
  /** The class that each image's square stands for: its group. */
  attributes: Uint8Array;
}

/** Places are corners of squares on the loop along the edge, clockwise from the upper left. */
const loopOf = ([h, w]: ShortcutOptions['shape'], side: number) => 2 * (h - side + w - side);

/** A seventh of the image, or less where the squares of so many classes would touch: neighbours are 2·side − 1 apart at least. */
export function shortcutSide(shape: ShortcutOptions['shape'], classes: number): number {
  let side = Math.max(1, Math.floor(Math.min(shape[0], shape[1]) / 7));
  while (side > 1 && loopOf(shape, side) < classes * (2 * side - 1)) side--;
  if (loopOf(shape, side) < classes)
    throw new Error(`expected at most ${loopOf(shape, 1)} classes for images of [${shape}], got ${classes}`);
  return side;
}

/** Upper left corner [row, column] of a class's square: places are evenly spread along the edge. */
export function shortcutPlace(shape: ShortcutOptions['shape'], classes: number, attribute: number): [row: number, column: number] {
  const side = shortcutSide(shape, classes);
  const [down, right] = [shape[0] - side, shape[1] - side];
  const at = Math.floor((attribute * loopOf(shape, side)) / classes);
  if (at < right) return [0, at];
  if (at < right + down) return [at - right, right];
  if (at < 2 * right + down) return [down, 2 * right + down - at];
  return [2 * right + 2 * down - at, 0];
}

/** Draws two words u, v an image: u < share: its own class; else class (label + 1 + ⌊v·(classes − 1)⌋) mod classes. */
export function plantShortcut({ images, labels }: Records, options: ShortcutOptions): Shortcut {
  const { classes, shape, share, seed, split, first = 0 } = options;
  const [h, w, channels] = shape;
  const side = shortcutSide(shape, classes);
  const planted = images.slice();
  const attributes = new Uint8Array(labels.length);
  labels.forEach((label, i) => {
    const [u, v] = uniform01({ seed, tag: TAG.shortcut, sample: first + i, split }, 2);
    attributes[i] = u < share ? label : (label + 1 + Math.floor(v * (classes - 1))) % classes;
    const [row, column] = shortcutPlace(shape, classes, attributes[i]);
    for (let y = row; y < row + side; y++) {
      const from = ((i * h + y) * w + column) * channels;
      planted.fill(255, from, from + side * channels);
    }
  });
  return { records: { images: planted, labels }, attributes };
}
