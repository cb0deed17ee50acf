/** The stored runs of the reproduction, checked as they are read. */
import { netOf } from '@/lib/paper/claims';
import { type PaperRun, paperRunsSchema } from '@/lib/paper/run';
import stored from '@/public/paper/runs.json';

export const RUNS: readonly PaperRun[] = paperRunsSchema.parse(stored).runs;

/** Runs that are looked at together: one board, one network, one number of images. In the order of the file. */
export interface PaperSet {
  board: string;
  net: string;
  images: number;
  runs: readonly PaperRun[];
}

export function setsOf(runs: readonly PaperRun[]): PaperSet[] {
  const sets = new Map<string, PaperRun[]>();
  for (const run of runs) {
    const key = `${run.recipe.board} ${netOf(run)} ${run.recipe.trainSamples}`;
    sets.set(key, [...(sets.get(key) ?? []), run]);
  }
  return [...sets.values()].map((own) => ({
    board: own[0].recipe.board,
    net: netOf(own[0]),
    images: own[0].recipe.trainSamples,
    runs: own,
  }));
}
