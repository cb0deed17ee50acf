/**
 * Square's proposals (Andriushchenko et al., arXiv 1912.00049, algs. 2 and 3) for one image, NHWC. Every draw comes from a word of
 * Philox that names its use, so a proposal depends on the image, the query and the seed alone.
 */
import { philox4x32, SPLIT_CODE, type Split, TAG } from '../random';
import { doubleBump } from './square-bump';

export interface Frame {
  height: number;
  width: number;
  channels: number;
}

/** The words of one (tag, sample, query), read by their place. */
export class Words {
  private readonly words = new Uint32Array(4);
  private block = -1;
  constructor(
    private readonly seed: number,
    private readonly tag: number,
    private readonly sample: number,
    private readonly split: Split,
    private readonly query: number,
  ) {}

  at(place: number): number {
    if (place >> 2 !== this.block) {
      this.block = place >> 2;
      philox4x32(this.block, this.sample, SPLIT_CODE[this.split], this.query, this.seed, this.tag, this.words);
    }
    return this.words[place & 3];
  }
  /** Whole number in [0, limit), 0 where there is no room: ⌊u·limit⌋. */
  below(place: number, limit: number): number {
    return Math.floor((this.at(place) >>> 8) * 2 ** -24 * limit);
  }
  sign(place: number): number {
    return this.at(place) >>> 31 ? 1 : -1;
  }
}

/** Word 3 of the counter is the query. */
export const startWords = (seed: number, sample: number, split: Split) => new Words(seed, TAG.squareStart, sample, split, 0);
export const stepWords = (seed: number, sample: number, split: Split, query: number) =>
  new Words(seed, TAG.squareStep, sample, split, query);

/** L∞ start, added to δ = 0: vertical stripes of ±ε, one sign a column and channel (word: column·channels + channel). */
export function stripes(delta: Float64Array, { height, width, channels }: Frame, epsilon: number, words: Words): void {
  const row = width * channels;
  for (let i = 0; i < row; i++) {
    const v = epsilon * words.sign(i);
    for (let r = 0; r < height; r++) delta[r * row + i] = v;
  }
}

/** L2 start, added to δ = 0: five by five tiles of double bumps (words of tile t: t·(1 + channels) lies, then a sign a channel). */
export function tiles(delta: Float64Array, frame: Frame, words: Words): void {
  const { height, width, channels } = frame;
  const side = Math.max(1, Math.floor(height / 5));
  const margin = Math.max(0, Math.floor((height - side * 5) / 2));
  let tile = 0;
  for (let down = 0; down < Math.floor(height / side); down++) {
    for (let across = 0; across < Math.floor(width / side); across++, tile++) {
      const first = tile * (1 + channels);
      const place = { top: margin + down * side, left: margin + across * side, side, lies: words.sign(first) > 0 };
      for (let c = 0; c < channels; c++) {
        const sign = words.sign(first + 1 + c);
        eachInWindow(frame, place, c, (i, shape) => {
          delta[i] += sign * shape;
        });
      }
    }
  }
}

interface Window {
  top: number;
  left: number;
  side: number;
  /** The double bump is transposed. */
  lies: boolean;
}

/** Calls with each place of a window in one channel, inside the image, and the double bump's value there. */
function eachInWindow(
  { height, width, channels }: Frame,
  { top, left, side, lies }: Window,
  c: number,
  use: (i: number, shape: number) => void,
) {
  const shape = doubleBump(side);
  for (let r = 0; r < side && top + r < height; r++)
    for (let k = 0; k < side && left + k < width; k++)
      use(((top + r) * width + left + k) * channels + c, shape[lies ? k * side + r : r * side + k]);
}

/** L∞: one square of ±2ε a channel, added to `x` in place (words 0, 1: row, column; 5 + c: sign of channel c). The caller clips. */
export function addSquare(x: Float64Array, { height, width, channels }: Frame, side: number, epsilon: number, words: Words): void {
  const top = words.below(0, height - side);
  const left = words.below(1, width - side);
  for (let c = 0; c < channels; c++) {
    const v = 2 * epsilon * words.sign(5 + c);
    for (let r = top; r < top + side; r++) for (let k = left; k < left + side; k++) x[(r * width + k) * channels + c] += v;
  }
}

/**
 * L2: the mass of a second window, and what the ball still has, go into the first, as its own direction plus ± a double bump, a
 * channel at a time; δ in place, not yet scaled to ε (words 0, 1 and 2, 3: row, column of first and second; 4: lies; 5 + c: signs).
 */
export function moveMass(delta: Float64Array, frame: Frame, side: number, epsilon: number, words: Words): void {
  const { height, width, channels } = frame;
  // Plain loops: this runs for every one of 5 000 proposals, and callbacks take twice the time.
  const [top, left] = [words.below(0, height - side), words.below(1, width - side)];
  const [top2, left2] = [words.below(2, height - side), words.below(3, width - side)];
  const lies = words.sign(4) > 0;
  const [down, across] = lies ? [1, side] : [side, 1];
  const shape = doubleBump(side);
  let squaresOfAll = 0;
  for (let i = 0; i < delta.length; i++) squaresOfAll += delta[i] * delta[i];
  const free = Math.max(0, epsilon ** 2 - squaresOfAll) / channels;
  for (let c = 0; c < channels; c++) {
    let own = 0;
    for (let r = 0; r < side; r++) {
      let i = ((top + r) * width + left) * channels + c;
      for (let k = 0; k < side; k++, i += channels) own += delta[i] * delta[i];
    }
    let both = own;
    for (let r = top2; r < top2 + side; r++) {
      const shared = r >= top && r < top + side;
      let i = (r * width + left2) * channels + c;
      for (let k = left2; k < left2 + side; k++, i += channels) {
        if (!(shared && k >= left && k < left + side)) both += delta[i] * delta[i];
      }
    }
    const sign = words.sign(5 + c);
    const length = 1e-12 + Math.sqrt(own);
    let squares = 0;
    for (let r = 0; r < side; r++) {
      let i = ((top + r) * width + left) * channels + c;
      for (let k = 0, at = r * down; k < side; k++, i += channels, at += across) {
        const v = sign * shape[at] + delta[i] / length;
        delta[i] = v;
        squares += v * v;
      }
    }
    const scale = Math.sqrt(free + both) / (1e-12 + Math.sqrt(squares));
    for (let r = top2; r < top2 + side; r++) {
      const shared = r >= top && r < top + side;
      let i = (r * width + left2) * channels + c;
      for (let k = left2; k < left2 + side; k++, i += channels) if (!(shared && k >= left && k < left + side)) delta[i] = 0;
    }
    for (let r = 0; r < side; r++) {
      let i = ((top + r) * width + left) * channels + c;
      for (let k = 0; k < side; k++, i += channels) delta[i] *= scale;
    }
  }
}
