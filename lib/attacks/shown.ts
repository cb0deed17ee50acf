/** Points that were found by other means, shown to a network: what it gets wrong of them. */
import type { Breaks } from './apgd';
import { predicted } from './losses';
import type { Passes } from './passes';
import type { StandingBatch } from './standing';

/** One forward pass an image. `points`: flat, one for each image of the batch. */
export async function shown(passes: Passes, { ball, labels, samples }: StandingBatch, points: Float32Array): Promise<Breaks> {
  const { x0, size } = ball;
  const found: Breaks = { broken: new Uint8Array(labels.length), points: x0.slice() };
  if (labels.length === 0) return found;
  const logits = await passes.logits({ x: points, samples });
  labels.forEach((y, n) => {
    if (predicted(logits.subarray(n * passes.classes, (n + 1) * passes.classes)) === y) return;
    found.broken[n] = 1;
    found.points.set(points.subarray(n * size, (n + 1) * size), n * size);
  });
  return found;
}
