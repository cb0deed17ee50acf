/** The stored runs of the reproduction, checked as they are read. */
import { DATASETS } from '@/lib/data/datasets';
import { netOf } from '@/lib/paper/claims';
import { type PaperRun, paperRunsSchema } from '@/lib/paper/run';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
import control from '@/public/paper/control.json';
import stored from '@/public/paper/runs.json';
import { count } from '../_ui/format';

export const RUNS: readonly PaperRun[] = paperRunsSchema.parse(stored).runs;
/** TRADES with batch norm, at the learning rate of TRADES as published: of no set, since its seed stands there at the others' rate. */
export const [CONTROL]: readonly PaperRun[] = paperRunsSchema.parse(control).runs;

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

/** Where a set of runs is shown. */
export const hrefOf = ({ board, net, images }: PaperSet) =>
  `/paper?board=${board}${net === 'small' ? '' : `&net=${encodeURIComponent(net)}`}&images=${images}`;

/** What a set is called among others: its number of images only where another of its board has another. */
export function titleOf({ board: id, net, images }: PaperSet, sets: readonly PaperSet[]): string {
  const board = BOARDS.get(id);
  const several = new Set(sets.filter((set) => set.board === id).map((set) => set.images)).size > 1;
  return [
    board ? `${DATASETS[board.dataset].title} ${NORM_LABEL[board.norm]}` : id,
    ...(net === 'small' ? [] : [net]),
    ...(several ? [`${count(images)} images`] : []),
  ].join(', ');
}
