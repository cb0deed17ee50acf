/** Epochs of a training that this page has seen, to look back at; a closed page forgets all but the last. */
import type { LabState } from '@/workers/browser/lab-client';

export interface PastEpoch extends Pick<LabState, 'files' | 'features'> {
  epoch: number;
}

/** About half a megabyte each. */
const MOST = 40;

/** With the newest epoch at the end; of too many, every second one is let go, the first and the newest stay. */
export function withEpoch(past: readonly PastEpoch[], { epochs, files, features }: LabState): readonly PastEpoch[] {
  const all = [...past.filter(({ epoch }) => epoch < epochs.length), { epoch: epochs.length, files, features }];
  return all.length > MOST ? all.filter((_, i) => i % 2 === 0 || i === all.length - 1) : all;
}
