/**
 * Square (Andriushchenko et al., arXiv 1912.00049): random search without gradients. A proposal changes one square; it is kept
 * where it lowers the margin between the true logit and the largest other one.
 */
import type { Breaks } from './apgd';
import { ATTACK_INFO } from './catalogue';
import { type HostBall, l2Norm } from './host-ball';
import { margin, predicted } from './losses';
import { Passes } from './passes';
import { addSquare, type Frame, moveMass, startWords, stepWords, stripes, tiles, type Words } from './square-moves';
import { squareSide } from './square-schedule';
import type { StandingAttack, StandingBatch } from './standing';

/** Proposals after the start. */
const SQUARE_QUERIES = 5000;

/** An image is let go of once it is misclassified. */
export async function randomSearch(passes: Passes, batch: StandingBatch, queries = SQUARE_QUERIES): Promise<Breaks> {
  const { ball, labels, samples, split, seed } = batch;
  const { x0, size, norm } = ball;
  const [height, width, channels] = passes.classifier.inputShape;
  const frame: Frame = { height, width, channels };
  const count = labels.length;
  const found: Breaks = { broken: new Uint8Array(count), points: x0.slice() };
  const best = x0.slice();
  const least = new Float64Array(count).fill(Infinity);
  const scratch = new Float64Array(size);
  let standing = Array.from({ length: count }, (_, n) => n);
  let proposals = new Float32Array(best.length);
  for (let query = -1; query < queries && standing.length > 0; query++) {
    const side = squareSide(norm, Math.max(0, query), height, width);
    if (proposals.length !== standing.length * size) proposals = new Float32Array(standing.length * size);
    standing.forEach((n, row) => {
      if (query < 0) begin(ball, n, frame, startWords(seed, samples[n], split), scratch, proposals, row * size);
      else propose(ball, n, frame, { best, side }, stepWords(seed, samples[n], split, query), scratch, proposals, row * size);
    });
    const logits = await passes.logits({ x: proposals, samples: standing.map((n) => samples[n]) });
    standing = standing.filter((n, row) => {
      const z = logits.subarray(row * passes.classes, (row + 1) * passes.classes);
      const wrong = predicted(z) !== labels[n];
      const value = margin(z, labels[n]);
      if (value < least[n] || wrong) {
        least[n] = Math.min(value, least[n]);
        best.set(proposals.subarray(row * size, (row + 1) * size), n * size);
      }
      if (wrong) {
        found.broken[n] = 1;
        found.points.set(best.subarray(n * size, (n + 1) * size), n * size);
      }
      return !wrong;
    });
  }
  return found;
}

function begin(ball: HostBall, n: number, frame: Frame, words: Words, scratch: Float64Array, out: Float32Array, at: number): void {
  scratch.fill(0);
  if (ball.norm === 'linf') {
    stripes(scratch, frame, ball.epsilon, words);
    for (let i = 0; i < ball.size; i++) scratch[i] += ball.x0[n * ball.size + i];
    clipped(ball, n, scratch, out, at);
  } else {
    tiles(scratch, frame, words);
    toSphere(ball, n, scratch, out, at);
  }
}

interface Proposal {
  best: Float32Array;
  side: number;
}

function propose(
  ball: HostBall,
  n: number,
  frame: Frame,
  { best, side }: Proposal,
  words: Words,
  scratch: Float64Array,
  out: Float32Array,
  at: number,
): void {
  const from = n * ball.size;
  if (ball.norm === 'linf') {
    for (let i = 0; i < ball.size; i++) scratch[i] = best[from + i];
    addSquare(scratch, frame, side, ball.epsilon, words);
    clipped(ball, n, scratch, out, at);
  } else {
    for (let i = 0; i < ball.size; i++) scratch[i] = best[from + i] - ball.x0[from + i];
    moveMass(scratch, frame, side, ball.epsilon, words);
    toSphere(ball, n, scratch, out, at);
  }
}

/** A point into ball and box, L∞. */
function clipped({ size, low, high }: HostBall, n: number, point: Float64Array, out: Float32Array, at: number): void {
  for (let i = 0; i < size; i++) {
    const v = point[i];
    out[at + i] = v < low[n * size + i] ? low[n * size + i] : v > high[n * size + i] ? high[n * size + i] : v;
  }
}

/** x₀ + ε·δ/(‖δ‖ + 10⁻¹²), clipped to the box. */
function toSphere({ x0, size, epsilon }: HostBall, n: number, delta: Float64Array, out: Float32Array, at: number): void {
  const scale = epsilon / (l2Norm(delta) + 1e-12);
  for (let i = 0; i < size; i++) {
    const v = x0[n * size + i] + delta[i] * scale;
    out[at + i] = v < 0 ? 0 : v > 1 ? 1 : v;
  }
}

export const square: StandingAttack = {
  ...ATTACK_INFO.square,
  attack: (classifier, batch) => randomSearch(new Passes(classifier, 'square'), batch),
};
