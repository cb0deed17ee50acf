/** The stored runs of the reproduction, checked as they are read. */
import { z } from 'zod';
import { type PaperRun, paperRunSchema } from '@/lib/paper/run';
import stored from '@/public/paper/runs.json';

export const RUNS: readonly PaperRun[] = z.object({ runs: z.array(paperRunSchema) }).parse(stored).runs;
/** Boards that there are runs on, in the order of the file. */
export const PAPER_BOARDS = [...new Set(RUNS.map(({ recipe }) => recipe.board))];
