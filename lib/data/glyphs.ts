/**
 * The built-in data set: ten drawn glyphs, five pairs of which the second lacks a stroke of the first, in random place,
 * size, rotation, slant, bend, stroke width, contrast and noise, with a gap, and with lines across that belong to nothing.
 * Image i of a split depends on (split, i) alone, and only integer arithmetic and float64 + − × ÷ √ are used, which
 * IEEE 754 fixes to the last bit: the same bytes on every engine.
 * Described in docs/protocol.md; nothing here may change without a new data set.
 */
import { philox4x32, SPLIT_CODE, type Split, TAG } from '../random';
import type { Records } from './datasets';

const SIZE = 28;
const PIXELS = SIZE * SIZE;
/** The paper's number, arXiv 2311.07444. */
const SEED = 231107444;

type Point = readonly [number, number];

/** The regular 16-gon in the unit circle, first vertex on top, clockwise; y points down. */
const ROUND: Point[] = Array.from({ length: 16 }, (_, k) => {
  const side = [0, 0.3826834323650898, Math.SQRT1_2, 0.9238795325112867, 1];
  const sine = (i: number) => [side[i % 4], side[4 - (i % 4)], -side[i % 4], -side[4 - (i % 4)]][Math.floor(i / 4)];
  return [sine(k), -sine((k + 4) % 16)];
});
const [NW, NE, SE, SW]: Point[] = [
  [-0.8, -0.8],
  [0.8, -0.8],
  [0.8, 0.8],
  [-0.8, 0.8],
];
const TOP: Point = [0, -0.9];

/** Each class as polylines in [−1, 1]². */
const SHAPES: readonly { name: string; lines: readonly (readonly Point[])[] }[] = [
  { name: 'Ring', lines: [[...ROUND, ROUND[0]]] },
  { name: 'Open ring', lines: [ROUND.slice(2, 15)] },
  { name: 'Square', lines: [[NW, SW, SE, NE, NW]] },
  { name: 'Cup', lines: [[NW, SW, SE, NE]] },
  { name: 'Triangle', lines: [[SW, TOP, SE, SW]] },
  { name: 'Wedge', lines: [[SW, TOP, SE]] },
  {
    name: 'Cross',
    lines: [
      [
        [0, -1],
        [0, 1],
      ],
      [
        [-1, 0],
        [1, 0],
      ],
    ],
  },
  {
    name: 'Tee',
    lines: [
      [
        [0, 0],
        [0, 1],
      ],
      [
        [-1, 0],
        [1, 0],
      ],
    ],
  },
  { name: 'Hourglass', lines: [[NW, NE, SW, SE, NW]] },
  { name: 'Zigzag', lines: [[NW, NE, SW, SE]] },
];

export const GLYPH_NAMES: readonly string[] = SHAPES.map((s) => s.name);

/** The point that divides the way from a to b. */
const along = ([ax, ay]: Point, [bx, by]: Point, share: number): Point => [ax + share * (bx - ax), ay + share * (by - ay)];

/** Each class as straight pieces; long sides are two, so that they can bend. */
const PIECES: readonly (readonly [Point, Point][])[] = SHAPES.map(({ lines }) =>
  lines.flatMap((line) => {
    const parts = line.length > 5 ? 1 : 2;
    return line.slice(1).flatMap((to, k) => {
      const cut = (part: number) => along(line[k], to, part / parts);
      return Array.from({ length: parts }, (_, part): [Point, Point] => [cut(part), cut(part + 1)]);
    });
  }),
);

/** Strongest coverage of each pixel so far, 0 … 1: a stroke's edge is one pixel wide. */
function stroke(coverage: Float64Array, [x0, y0]: Point, [x1, y1]: Point, halfWidth: number, strength: number): void {
  const reach = halfWidth + 0.5;
  const range = (a: number, b: number): [number, number] => [
    Math.max(0, Math.ceil(Math.min(a, b) - reach)),
    Math.min(SIZE - 1, Math.floor(Math.max(a, b) + reach)),
  ];
  const [left, right] = range(x0, x1);
  const [top, bottom] = range(y0, y1);
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length2 = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const share = length2 > 0 ? ((x - x0) * dx + (y - y0) * dy) / length2 : 0;
      const t = share < 0 ? 0 : share > 1 ? 1 : share;
      const ex = x - x0 - t * dx;
      const ey = y - y0 - t * dy;
      const distance2 = ex * ex + ey * ey;
      if (distance2 >= reach * reach) continue;
      const inside = reach - Math.sqrt(distance2);
      const value = inside < 1 ? strength * inside : strength;
      if (value > coverage[y * SIZE + x]) coverage[y * SIZE + x] = value;
    }
  }
}

/** Leaves a gap: coverage is at most the distance from its edge. */
function erase(coverage: Float64Array, [cx, cy]: Point, radius: number): void {
  const reach = radius + 1;
  for (let y = Math.max(0, Math.ceil(cy - reach)); y <= Math.min(SIZE - 1, Math.floor(cy + reach)); y++) {
    for (let x = Math.max(0, Math.ceil(cx - reach)); x <= Math.min(SIZE - 1, Math.floor(cx + reach)); x++) {
      const left = Math.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) - radius;
      const value = left < 0 ? 0 : left;
      if (value < coverage[y * SIZE + x]) coverage[y * SIZE + x] = value;
    }
  }
}

/** Random numbers of one image: 40 for its shape, one word for every two pixels of its noise. */
class Draws {
  private readonly shape = new Uint32Array(40);
  private readonly noiseWords = new Uint32Array(PIXELS / 2);
  private next = 0;

  take(split: Split, sample: number): void {
    this.next = 0;
    const fill = (out: Uint32Array, tag: number) => {
      for (let b = 0; b < out.length / 4; b++) philox4x32(b, sample, SPLIT_CODE[split], 0, SEED, tag, out, 4 * b);
    };
    fill(this.shape, TAG.glyph);
    fill(this.noiseWords, TAG.glyphNoise);
  }

  /** The next number of the shape, in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * ((this.shape[this.next++] >>> 8) / 16777216);
  }

  /** In −255 … 255, triangular: the sum of two bytes. */
  noise(pixel: number): number {
    const word = this.noiseWords[pixel >> 1] >>> (16 * (pixel & 1));
    return (word & 255) + ((word >>> 8) & 255) - 255;
  }
}

function drawImage(draws: Draws, label: number, coverage: Float64Array, out: Uint8Array, at: number): void {
  coverage.fill(0);
  // Half of the angle as its tangent: a rotation without sine and cosine.
  const t = draws.between(-0.27, 0.27);
  const [cos, sin] = [(1 - t * t) / (1 + t * t), (2 * t) / (1 + t * t)];
  const width = draws.between(4.5, 9.5);
  const height = width * draws.between(0.7, 1.4);
  const slant = draws.between(-0.3, 0.3);
  const [cx, cy] = [draws.between(11, 16), draws.between(11, 16)];
  const halfWidth = draws.between(0.5, 1.4);
  // Bright on dark, or the other way round.
  const sign = draws.between(-1, 1) < 0 ? -1 : 1;
  const background = 0.5 - sign * draws.between(0.2, 0.45);
  const contrast = sign * draws.between(0.4, 0.8);
  const [slopeX, slopeY] = [draws.between(-0.009, 0.009), draws.between(-0.009, 0.009)];
  const noise = draws.between(0.05, 0.2);
  const bend = () => draws.between(-0.15, 0.15);
  const [uxx, uxy, uyy, vxx, vxy, vyy] = [bend(), bend(), bend(), bend(), bend(), bend()];

  const place = ([x, y]: Point): Point => {
    const u = width * (x + slant * y + uxx * x * x + uxy * x * y + uyy * y * y);
    const v = height * (y + vxx * x * x + vxy * x * y + vyy * y * y);
    return [cx + cos * u - sin * v, cy + sin * u + cos * v];
  };
  const pieces = PIECES[label];
  for (const [from, to] of pieces) stroke(coverage, place(from), place(to), halfWidth, 1);
  const [from, to] = pieces[Math.floor(draws.between(0, pieces.length))];
  erase(coverage, place(along(from, to, draws.between(0, 1))), width * draws.between(-0.05, 0.25));
  // A fainter line and two fainter specks that belong to nothing.
  for (const reach of [16, 4, 4]) {
    const start: Point = [draws.between(0, 27), draws.between(0, 27)];
    const end: Point = [start[0] + draws.between(-reach, reach), start[1] + draws.between(-reach, reach)];
    stroke(coverage, start, end, draws.between(0.4, 1), draws.between(0.3, 0.6));
  }
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const p = y * SIZE + x;
      const grey = background + slopeX * (x - 13.5) + slopeY * (y - 13.5) + contrast * coverage[p];
      const value = Math.floor(255 * grey + noise * draws.noise(p) + 0.5);
      out[at + p] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
}

/** Images `first` … `first + count − 1` of a split, uint8 [count, 28, 28, 1]; image i shows class i mod 10. */
export function drawGlyphs(split: Split, first: number, count: number): Records {
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  const coverage = new Float64Array(PIXELS);
  const draws = new Draws();
  for (let n = 0; n < count; n++) {
    draws.take(split, first + n);
    labels[n] = (first + n) % SHAPES.length;
    drawImage(draws, labels[n], coverage, images, n * PIXELS);
  }
  return { images, labels };
}
