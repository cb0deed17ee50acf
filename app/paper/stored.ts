/** The stored runs of the reproduction, checked as they are read. */
import { type PaperRun, paperRunsSchema } from '@/lib/paper/run';
import stored from '@/public/paper/runs.json';

export const RUNS: readonly PaperRun[] = paperRunsSchema.parse(stored).runs;
/** Boards that there are runs on, in the order of the file. */
export const PAPER_BOARDS = [...new Set(RUNS.map(({ recipe }) => recipe.board))];
