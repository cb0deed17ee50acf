/** The way of a few training images under PGD through feature space: after every step, and at smaller and larger radii. */
import type { AskedSet, FeaturesRequest } from './feature-sets';
import { measureFeatures } from './feature-sets';
import type { MeasureListener } from './measure-listener';

export interface Stop {
  /** Steps made (0: the random start), or the radius in pixel units of [0, 1]. */
  at: number;
  /** [images × dim] */
  features: Float32Array;
}

export interface Tracks {
  /** The first so many training images. */
  images: number;
  /** Features of the images as they are, where every way begins, [images × dim]. */
  start: Float32Array;
  steps: Stop[];
  radii: Stop[];
}

/** Radii as factors of the board's; the step size goes with them. */
const RADII = [0.25, 0.5, 0.75, 1, 1.5, 2];

export async function attackTracks(request: FeaturesRequest, listen: MeasureListener, signal: AbortSignal): Promise<Tracks> {
  const pgd = { condition: 'pgd-10' as const };
  const {
    board,
    labels,
    sets: measured,
  } = await measureFeatures(
    request,
    ({ steps, epsilon, alpha }): AskedSet[] => [
      { condition: 'clean' },
      ...Array.from({ length: steps + 1 }, (_, k) => ({ ...pgd, variant: { id: `track-step-${k}`, steps: k } })),
      ...RADII.map((f, k) => ({ ...pgd, variant: { id: `track-radius-${k}`, epsilon: f * epsilon, alpha: f * alpha } })),
    ],
    listen,
    signal,
  );
  const [start, ...sets] = measured;
  return {
    ...{ images: labels.length, start },
    steps: sets.slice(0, board.steps + 1).map((features, at) => ({ at, features })),
    radii: sets.slice(board.steps + 1).map((features, k) => ({ at: RADII[k] * board.epsilon, features })),
  };
}
