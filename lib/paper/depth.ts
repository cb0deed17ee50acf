/** What a run says of depth: nearest class centres and scatter along the layers. */
import { type Estimate, estimate } from './interval';
import type { PaperRun } from './run';

/** Layers that were learnt: pixels, as they are and normalised, come before them. */
export const learnt = ({ layers }: PaperRun) => layers.filter(({ name }) => name !== 'input' && name !== 'normalize');

/** Of the first half of the learnt layers, the best nearest-centre accuracy on perturbed test images. */
export function bestEarly(run: PaperRun): number | undefined {
  const layers = learnt(run);
  const early = layers.slice(0, Math.floor(layers.length / 2)).map(({ pgd }) => pgd.nccAccuracy ?? 0);
  return early.length ? Math.max(...early) : undefined;
}
export const lastLayer = (run: PaperRun) => run.layers.at(-1)?.pgd.nccAccuracy;

/** NC1 of the first and of the last learnt layer. */
export const nc1Ends = (run: PaperRun, kind: 'clean' | 'pgd') => {
  const layers = learnt(run);
  return { first: layers[0]?.[kind].nc1, last: layers.at(-1)?.[kind].nc1 };
};

export interface Depth {
  /** Nearest-centre accuracy on perturbed test images. */
  bestEarly: Estimate | undefined;
  lastLayer: Estimate | undefined;
  nc1: Record<'clean' | 'pgd', { first: Estimate | undefined; last: Estimate | undefined }>;
}

/** Over the runs of one way of training. */
export function depthOf(runs: readonly PaperRun[]): Depth {
  const ends = (kind: 'clean' | 'pgd') => ({
    first: estimate(runs.map((run) => nc1Ends(run, kind).first)),
    last: estimate(runs.map((run) => nc1Ends(run, kind).last)),
  });
  return {
    ...{ bestEarly: estimate(runs.map(bestEarly)), lastLayer: estimate(runs.map(lastLayer)) },
    nc1: { clean: ends('clean'), pgd: ends('pgd') },
  };
}
