/** Attacks that aim at one class after another, on what still stands. */
import { type Breaks, gathered } from './apgd';
import { type HostBall, hostBall } from './host-ball';
import type { Passes } from './passes';
import type { StandingBatch } from './standing';

/** AutoAttack's: so many classes are aimed at. */
export const TARGETS = 9;

/** Classes other than y by their logits, largest first, the first of equal ones before the others. */
export function otherClasses(z: Float32Array, y: number): number[] {
  return Array.from(z.keys())
    .filter((c) => c !== y)
    .sort((a, b) => z[b] - z[a] || a - b);
}

/** Some of the images of a batch. */
export function someOf(batch: StandingBatch, chosen: readonly number[]): StandingBatch {
  const { ball, labels, samples } = batch;
  const pick = (list: Int32Array) => Int32Array.from(chosen, (n) => list[n]);
  return { ...batch, ball: ballOf(ball, chosen), labels: pick(labels), samples: pick(samples) };
}

const ballOf = ({ norm, epsilon, x0, size }: HostBall, chosen: readonly number[]) =>
  hostBall(norm, epsilon, gathered(x0, chosen, size), size);

/** `run` aims at one class for each image; rank 0 is the class nearest to the prediction. All targets come from the clean logits. */
export async function eachTarget(
  passes: Passes,
  batch: StandingBatch,
  run: (left: StandingBatch, targets: Int32Array, rank: number) => Promise<Breaks>,
): Promise<Breaks> {
  const { x0, size } = batch.ball;
  const { samples, labels } = batch;
  const all: Breaks = { broken: new Uint8Array(labels.length), points: x0.slice() };
  if (labels.length === 0) return all;
  const logits = await passes.logits({ x: x0, samples });
  const order = Array.from(labels, (y, n) => otherClasses(logits.subarray(n * passes.classes, (n + 1) * passes.classes), y));
  for (let rank = 0; rank < Math.min(TARGETS, passes.classes - 1); rank++) {
    const chosen = Array.from(labels.keys()).filter((n) => !all.broken[n]);
    if (chosen.length === 0) break;
    const targets = Int32Array.from(chosen, (n) => order[n][rank]);
    const { broken, points } = await run(someOf(batch, chosen), targets, rank);
    chosen.forEach((n, row) => {
      if (!broken[row]) return;
      all.broken[n] = 1;
      all.points.set(points.subarray(row * size, (row + 1) * size), n * size);
    });
  }
  return all;
}
