/**
 * A witness: for one image a perturbation d as int16 in units of 1/32 640, so that a pixel is 128 units a byte and the
 * network's input is fround((128·x + d) / 32 640) (contract §7). Box and ball are looked at in whole numbers alone, so that
 * nobody's rounding decides whether one counts.
 */
import type { Board } from './boards';

/** Units of a byte, and of the whole range of a pixel (255 · 128). */
const BYTE = 128;
const WHOLE = 255 * BYTE;

/** The board's ε in units: 3 264 for 0.1, 1 024 for 8/255, 48 960 for 1.5, 16 384 for 128/255. Whole for every board. */
export const radiusUnits = ({ epsilon }: Pick<Board, 'epsilon'>): number => Math.round(epsilon * WHOLE);

/** The perturbed image as the network gets it, float32 in [0, 1]. */
export const witnessPixels = (image: Uint8Array, deltas: Int16Array): Float32Array =>
  Float32Array.from(image, (x, i) => Math.fround((BYTE * x + deltas[i]) / WHOLE));

/** Σ d²; exact below 2⁵³, which an image of 8 million pixels stays below. */
const squares = (deltas: Int16Array): number => {
  let sum = 0;
  for (const d of deltas) sum += d * d;
  return sum;
};

/**
 * Why one image's perturbation is no witness: it leaves the box or the ball; undefined where it stays inside.
 * @param shape height, width, channels, to name the pixel
 */
export function outside(
  deltas: Int16Array,
  image: Uint8Array,
  board: Pick<Board, 'norm' | 'epsilon' | 'epsilonLabel'>,
  [, width, channels]: readonly [number, number, number],
): string | undefined {
  const radius = radiusUnits(board);
  const pixel = (i: number) => {
    const at = Math.floor(i / channels);
    const colour = channels > 1 ? `, channel ${i % channels}` : '';
    return `row ${Math.floor(at / width)}, column ${at % width}${colour}`;
  };
  for (let i = 0; i < image.length; i++) {
    const [x, d] = [BYTE * image[i], deltas[i]];
    if (x + d < 0 || x + d > WHOLE)
      return `${pixel(i)}: ${d} takes the pixel (${image[i]}/255) out of its range; it must be from ${-x} to ${WHOLE - x}`;
    if (board.norm === 'linf' && Math.abs(d) > radius)
      return `${pixel(i)}: ${d} leaves the ball; at most ±${radius} is allowed (ε = ${board.epsilonLabel})`;
  }
  if (board.norm === 'linf') return undefined;
  const sum = squares(deltas);
  return sum > radius ** 2
    ? `the sum of squares ${sum} leaves the ball; at most ${radius ** 2} is allowed (ε = ${board.epsilonLabel})`
    : undefined;
}

/**
 * The witness next to an adversarial image: rounded to units, then brought inside box and ball, which `outside` confirms.
 * @param points float32 in [0, 1], the adversarial image; not a number counts as the image's own pixel
 */
export function deltasOf(points: Float32Array, image: Uint8Array, { norm, epsilon }: Pick<Board, 'norm' | 'epsilon'>): Int16Array {
  const radius = radiusUnits({ epsilon });
  const within = (d: number, i: number) => {
    const x = BYTE * image[i];
    const bound = norm === 'linf' ? radius : WHOLE;
    return Math.max(-x, -bound, Math.min(WHOLE - x, bound, Number.isNaN(d) ? 0 : d));
  };
  const wanted = Float64Array.from(points, (p, i) => within(p * WHOLE - BYTE * image[i], i));
  // Rounded to the nearest while that stays in the ball; else towards the image, which makes every |d| smaller, and the box
  // holds the image, so it is not left on that way.
  const nearest = Int16Array.from(wanted, (d, i) => within(Math.round(d), i));
  if (norm === 'linf' || squares(nearest) <= radius ** 2) return nearest;
  const length = Math.sqrt(wanted.reduce((sum, d) => sum + d * d, 0));
  for (let shrink = Math.min(1, radius / length); ; shrink *= 1 - 1e-6) {
    const deltas = Int16Array.from(wanted, (d) => Math.trunc(d * shrink));
    if (squares(deltas) <= radius ** 2) return deltas;
  }
}
