/** The stored runs of the reproduction, checked as they are read. */
import { netOf } from '@/lib/paper/claims';
import { type PaperRun, paperRunsSchema } from '@/lib/paper/run';
import stored from '@/public/paper/runs.json';

export const RUNS: readonly PaperRun[] = paperRunsSchema.parse(stored).runs;

/** Runs that are looked at together: one board, one network. In the order of the file. */
export interface PaperSet {
  board: string;
  net: string;
  runs: readonly PaperRun[];
}

export function setsOf(runs: readonly PaperRun[]): PaperSet[] {
  const sets = new Map<string, PaperRun[]>();
  for (const run of runs) {
    const key = `${run.recipe.board} ${netOf(run)}`;
    sets.set(key, [...(sets.get(key) ?? []), run]);
  }
  return [...sets.values()].map((own) => ({ board: own[0].recipe.board, net: netOf(own[0]), runs: own }));
}
