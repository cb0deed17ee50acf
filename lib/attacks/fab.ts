/**
 * FAB, the fast adaptive boundary attack (Croce & Hein, arXiv 1907.02044, alg. 1), targeted form: looks for the misclassified
 * point nearest to the image by steps to the linearised boundary of label and target, pulled back towards the image. Without a
 * random start nothing in it is random.
 */
import { type Breaks, gathered } from './apgd';
import { distanceFrom, type HostBall, l2Norm } from './host-ball';
import { toPlane } from './hyperplane';
import { difference, predicted } from './losses';
import type { Passes } from './passes';

/** Largest weight of the image's own projection, overshoot beyond the boundary, share kept of a step back. */
const [ALPHA_MAX, ETA, BETA] = [0.1, 1.05, 0.9];
const FAB_ITERATIONS = 100;

export interface Search {
  ball: HostBall;
  labels: Int32Array;
  targets: Int32Array;
  samples: Int32Array;
  iterations?: number;
}

export interface Nearest extends Breaks {
  /** Distance of the nearest misclassified point, infinite where none was found. */
  distances: Float64Array;
}

/** An image is let go of once a misclassified point lies within the ball's radius; `broken` says of which ones that is so. */
export async function nearestPoints(passes: Passes, { ball, labels, targets, samples, iterations }: Search): Promise<Nearest> {
  const { x0, size, epsilon } = ball;
  const count = labels.length;
  const found: Nearest = { broken: new Uint8Array(count), points: x0.slice(), distances: new Float64Array(count).fill(Infinity) };
  const x = x0.slice();
  const [forth, back] = [new Float64Array(size), new Float64Array(size)];
  let standing = Array.from({ length: count }, (_, n) => n);
  for (let i = 0; i < (iterations ?? FAB_ITERATIONS) && standing.length > 0; i++) {
    const asked = {
      labels: standing.map((n) => labels[n]),
      targets: standing.map((n) => targets[n]),
      samples: standing.map((n) => samples[n]),
    };
    const { logits, gradient } = await passes.gradient({ ...asked, x: gathered(x, standing, size) }, difference);
    standing.forEach((n, row) => {
      const z = logits.subarray(row * passes.classes, (row + 1) * passes.classes);
      step(ball, n, x, { gradient, at: row * size, gap: difference.value(z, labels[n], targets[n]) }, forth, back);
    });
    const after = await passes.logits({ x: gathered(x, standing, size), samples: asked.samples });
    standing = standing.filter((n, row) => {
      if (predicted(after.subarray(row * passes.classes, (row + 1) * passes.classes)) === labels[n]) return true;
      const from = n * size;
      const distance = distanceFrom(ball, n, x, from);
      if (distance < found.distances[n]) {
        found.distances[n] = distance;
        found.points.set(x.subarray(from, from + size), from);
        if (distance <= epsilon) found.broken[n] = 1;
      }
      for (let k = from; k < from + size; k++) x[k] = x0[k] + (x[k] - x0[k]) * BETA;
      return !found.broken[n];
    });
  }
  return found;
}

/** z_t − z_y near a point: its gradient (from `at` on) and its value. */
interface Boundary {
  gradient: Float32Array;
  at: number;
  gap: number;
}

/** x ← clip((1 − α)(x + η d₁) + α(x₀ + η d₂)), d₁ and d₂ from x and x₀ to the linearised boundary, α = ‖d₁‖/(‖d₁‖ + ‖d₂‖) ≤ 0.1. */
function step({ norm, x0, size }: HostBall, n: number, x: Float32Array, boundary: Boundary, forth: Float64Array, back: Float64Array): void {
  const from = n * size;
  const { gradient: w, at, gap } = boundary;
  let b = -gap;
  for (let i = 0; i < size; i++) b += w[at + i] * x[from + i];
  toPlane(norm, x, from, { w, at, b }, forth);
  toPlane(norm, x0, from, { w, at, b }, back);
  const length = (d: Float64Array) => Math.max(1e-8, norm === 'l2' ? l2Norm(d) : d.reduce((most, v) => Math.max(most, Math.abs(v)), 0));
  const [near, far] = [length(forth), length(back)];
  const alpha = Math.min(near / (near + far), ALPHA_MAX);
  for (let i = 0; i < size; i++) {
    const v = (x[from + i] + ETA * forth[i]) * (1 - alpha) + (x0[from + i] + ETA * back[i]) * alpha;
    x[from + i] = v < 0 ? 0 : v > 1 ? 1 : v;
  }
}
