/**
 * A witness: for one image a perturbation d as int16 in units of 1/32 640, so that a pixel is 128 units a byte and the
 * network's input is fround((128·x + d) / 32 640) (contract §7). Box and ball are looked at in whole numbers alone, so that
 * nobody's rounding decides whether one counts.
 */
import type { Board } from './boards';
import { mostDelta, mostSquares, UNITS, UNITS_PER_BYTE } from './deltas';

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
  const radius = mostDelta(board.epsilon);
  const pixel = (i: number) => {
    const at = Math.floor(i / channels);
    const colour = channels > 1 ? `, channel ${i % channels}` : '';
    return `row ${Math.floor(at / width)}, column ${at % width}${colour}`;
  };
  for (let i = 0; i < image.length; i++) {
    const [x, d] = [UNITS_PER_BYTE * image[i], deltas[i]];
    if (x + d < 0 || x + d > UNITS)
      return `${pixel(i)}: ${d} takes the pixel (${image[i]}/255) out of its range; it must be from ${-x} to ${UNITS - x}`;
    if (board.norm === 'linf' && Math.abs(d) > radius)
      return `${pixel(i)}: ${d} leaves the ball; at most ±${radius} is allowed (ε = ${board.epsilonLabel})`;
  }
  if (board.norm === 'linf') return undefined;
  const [sum, most] = [squares(deltas), mostSquares(board.epsilon)];
  return sum > most ? `the sum of squares ${sum} leaves the ball; at most ${most} is allowed (ε = ${board.epsilonLabel})` : undefined;
}

/** The image as it is drawn: bytes x + round(d / 128), at most half a grey level from what the network was shown. */
export const witnessBytes = (image: Uint8Array, deltas: Int16Array): Uint8Array =>
  image.map((x, i) => x + Math.round(deltas[i] / UNITS_PER_BYTE));
