/**
 * A perturbation as a witness stores it: whole numbers of 1/32640 = 1/(255·128), so that ball and box can be checked in exact
 * integer arithmetic (witness.ts). A pixel's byte is 128 units; the network's input is the float32 nearest to (128·byte + d)/32640.
 */
import type { NormId } from './boards';

export const UNITS_PER_BYTE = 128;
export const UNITS = 255 * UNITS_PER_BYTE;

/** Slack for radii that are whole numbers of units but not quite so in float64, as 128/255·32640. */
const EXACT = 1 + 1e-12;

/** Largest |d| inside an L∞ ball. */
export const mostDelta = (epsilon: number): number => Math.floor(epsilon * UNITS * EXACT);
/** Largest Σ d² inside an L2 ball. */
export const mostSquares = (epsilon: number): number => Math.floor((epsilon * UNITS) ** 2 * EXACT);

export interface DeltaBall {
  norm: NormId;
  epsilon: number;
}

/**
 * The deltas of one image's point x in [0, 1], each the nearest whole number (0 where x is not a number); where the ball's boundary would be crossed, rounded
 * towards the clean image: L∞ all of them, L2 first those that rounding had moved out the least, then the largest. Always inside
 * the ball. A radius beyond 1 in a pixel's units does not fit into 16 bits and needs none: |d| ≤ 32640.
 */
export function toDeltas(x: Float32Array, bytes: Uint8Array, ball: DeltaBall): Int16Array {
  const exact = Float64Array.from(x, (v, i) => v * UNITS - UNITS_PER_BYTE * bytes[i]);
  const most = ball.norm === 'linf' ? mostDelta(ball.epsilon) : UNITS;
  const deltas = Int16Array.from(exact, (v, i) => {
    const [low, high] = [-UNITS_PER_BYTE * bytes[i], UNITS - UNITS_PER_BYTE * bytes[i]];
    return Math.max(low, -most, Math.min(high, most, Math.round(v)));
  });
  if (ball.norm === 'l2') shrink(deltas, exact, mostSquares(ball.epsilon));
  return deltas;
}

function shrink(deltas: Int16Array, exact: Float64Array, limit: number): void {
  let squares = deltas.reduce((sum, d) => sum + d * d, 0);
  if (squares <= limit) return;
  const excess = (i: number) => Math.abs(deltas[i]) - Math.abs(exact[i]);
  const outward = Array.from(deltas.keys()).filter((i) => excess(i) > 0);
  const inwards = (i: number) => {
    const size = Math.abs(deltas[i]);
    deltas[i] -= Math.sign(deltas[i]);
    squares -= 2 * size - 1;
  };
  // The nearer to a tie, the less it costs to round the other way.
  for (const i of outward.sort((a, b) => excess(b) - excess(a) || a - b)) {
    inwards(i);
    if (squares <= limit) return;
  }
  // The point itself lies outside, by rounding or by far.
  const scale = Math.sqrt(limit / squares);
  if (scale < 0.999) {
    squares = 0;
    for (let i = 0; i < deltas.length; i++) {
      deltas[i] = Math.trunc(deltas[i] * scale);
      squares += deltas[i] * deltas[i];
    }
  }
  for (const i of Array.from(deltas.keys()).sort((a, b) => Math.abs(deltas[b]) - Math.abs(deltas[a]) || a - b)) {
    if (squares <= limit) return;
    if (deltas[i] !== 0) inwards(i);
  }
}

/** What the network is shown for a stored witness: the float32 nearest to (128·byte + d)/32640. */
export function fromDeltas(deltas: Int16Array, bytes: Uint8Array): Float32Array {
  const x = new Float32Array(deltas.length);
  for (let i = 0; i < x.length; i++) x[i] = (UNITS_PER_BYTE * bytes[i] + deltas[i]) / UNITS;
  return x;
}
