/**
 * Auto-PGD (Croce & Hein, arXiv 2003.01690, alg. 1): gradient ascent with momentum whose step starts at 2ε and halves, image by
 * image, where a window of steps brought too little; the search then goes on from the best point. No image's course depends on
 * the others in its batch.
 */
import { checkpoints, oscillates } from './checkpoints';
import { type HostBall, intoBall, l2Norm } from './host-ball';
import { type ClimbedLoss, predicted } from './losses';
import type { Passes } from './passes';

/** Weight of the step; the rest is the last move. */
const MOMENTUM = 0.75;
export const APGD_ITERATIONS = 100;

export interface Climb {
  ball: HostBall;
  /** Where each image begins, flat, inside the box. */
  start: Float32Array;
  labels: Int32Array;
  /** Classes aimed at; read by targeted losses only. */
  targets: Int32Array;
  samples: Int32Array;
  loss: ClimbedLoss;
  iterations?: number;
  /** Sees the loss of every image before each step and after the last; no image is then let go of when it is misclassified. */
  trace?(losses: Float64Array): void;
}

/** Points that are misclassified. */
export interface Breaks {
  /** 1 where an image was broken. */
  broken: Uint8Array;
  /** Flat: the point found, the clean image where there is none. */
  points: Float32Array;
}

export interface Climbed extends Breaks {
  /** Flat: each image's point of highest loss; of an image that was let go of, as far as it had come. */
  highest: Float32Array;
}

/** An image is let go of at its first misclassified point, since nothing after it changes the outcome. */
export async function climb(passes: Passes, { ball, start, labels, targets, samples, loss, iterations, trace }: Climb): Promise<Climbed> {
  const { x0, size, epsilon } = ball;
  const count = labels.length;
  const steps = iterations ?? APGD_ITERATIONS;
  const windows = new Map(checkpoints(steps).map(({ step, window }) => [step, window]));
  const [x, last, best] = [start.slice(), start.slice(), start.slice()];
  const found: Climbed = { broken: new Uint8Array(count), points: x0.slice(), highest: best };
  const [gradient, bestGradient] = [new Float32Array(x.length), new Float32Array(x.length)];
  const losses = Array.from({ length: count }, () => new Float64Array(steps));
  const bestLoss = new Float64Array(count);
  const bestAtCheck = new Float64Array(count);
  const stepSize = new Float64Array(count).fill(2 * epsilon);
  const halvedLast = new Uint8Array(count).fill(1);
  const scratch = new Float64Array(size);
  let standing = Array.from({ length: count }, (_, n) => n);
  const of = (list: Float32Array, n: number) => list.subarray(n * size, (n + 1) * size);

  for (let i = -1; i < steps && standing.length > 0; i++) {
    if (i >= 0) for (const n of standing) move(ball, n, { x, last, gradient }, stepSize[n], i === 0, scratch);
    const asked = {
      x: standing.length === count ? x : gathered(x, standing, size),
      labels: standing.map((n) => labels[n]),
      targets: standing.map((n) => targets[n]),
      samples: standing.map((n) => samples[n]),
    };
    // Nobody climbs on from the last point.
    const final = i === steps - 1;
    const out = final ? { logits: await passes.logits(asked), gradient: undefined } : await passes.gradient(asked, loss);
    const now = new Float64Array(count);
    standing = standing.filter((n, row) => {
      const z = out.logits.subarray(row * passes.classes, (row + 1) * passes.classes);
      const value = loss.value(z, labels[n], targets[n]);
      now[n] = value;
      if (predicted(z) !== labels[n] && !found.broken[n]) {
        found.broken[n] = 1;
        of(found.points, n).set(of(x, n));
      }
      if (found.broken[n] && !trace) return false;
      const slope = out.gradient?.subarray(row * size, (row + 1) * size);
      if (slope) of(gradient, n).set(slope);
      if (i >= 0) losses[n][i] = value;
      if (i < 0) bestAtCheck[n] = value;
      if (i < 0 || value > bestLoss[n]) {
        bestLoss[n] = value;
        of(best, n).set(of(x, n));
        if (slope) of(bestGradient, n).set(slope);
      }
      return true;
    });
    trace?.(now);
    const window = windows.get(i);
    if (window === undefined) continue;
    for (const n of standing) {
      const stalls = !halvedLast[n] && bestAtCheck[n] >= bestLoss[n];
      const halves = oscillates(losses[n], i, window) || stalls;
      halvedLast[n] = halves ? 1 : 0;
      bestAtCheck[n] = bestLoss[n];
      if (!halves) continue;
      stepSize[n] /= 2;
      of(x, n).set(of(best, n));
      of(gradient, n).set(of(bestGradient, n));
    }
  }
  return found;
}

interface Course {
  x: Float32Array;
  /** The points before the last move. */
  last: Float32Array;
  gradient: Float32Array;
}

/** One step of image n from x along the gradient (L∞: its sign, L2: its direction), with momentum from the second on. */
function move(ball: HostBall, n: number, { x, last, gradient }: Course, step: number, first: boolean, scratch: Float64Array): void {
  const { size, norm } = ball;
  const at = n * size;
  const scale = norm === 'l2' ? step / (l2Norm(gradient, at, at + size) + 1e-12) : 0;
  for (let i = 0; i < size; i++) {
    const g = gradient[at + i];
    scratch[i] = x[at + i] + (norm === 'l2' ? scale * g : g > 0 ? step : g < 0 ? -step : 0);
  }
  const here = x.slice(at, at + size);
  intoBall(ball, n, scratch, x, at);
  if (!first) {
    for (let i = 0; i < size; i++) scratch[i] = here[i] + (x[at + i] - here[i]) * MOMENTUM + (here[i] - last[at + i]) * (1 - MOMENTUM);
    intoBall(ball, n, scratch, x, at);
  }
  last.set(here, at);
}

/** Some of the images of a flat list, side by side. */
export function gathered(list: Float32Array, chosen: readonly number[], size: number): Float32Array {
  const out = new Float32Array(chosen.length * size);
  chosen.forEach((n, row) => {
    out.set(list.subarray(n * size, (n + 1) * size), row * size);
  });
  return out;
}
