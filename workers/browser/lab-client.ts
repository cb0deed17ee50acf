/** A page's end of the lab's worker: one training at a time. */
import { Failure, fromPlainFailure } from '../../lib/failure';
import type { FromLab, ToLab } from './lab-messages';
import type { LabRequest } from './lab-request';
import type { LabState } from './lab-run';

export { labCommand } from './lab-command';
export {
  LAB_NETS,
  type LabNet,
  type LabNumber,
  type LabRecipe,
  type LabRequest,
  type LabSet,
  recipeOf,
  refusalsOf,
} from './lab-request';
export type { LabEpoch, LabState } from './lab-run';
export { keptLab } from './lab-store';

export type LabNews = Exclude<FromLab, { type: 'done' | 'failure' }>;

/** Trains to its end; aborting the signal stops it at the next step, and the promise rejects with code `stopped`. */
export function trainInLab(
  request: LabRequest,
  begun: LabState | undefined,
  onNews: (news: LabNews) => void,
  signal: AbortSignal,
): Promise<void> {
  const worker = new Worker(new URL('./lab.worker.ts', import.meta.url), { type: 'module' });
  const tell = (message: ToLab) => worker.postMessage(message);
  signal.addEventListener('abort', () => tell({ type: 'stop' }), { once: true });
  return new Promise<void>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<FromLab>) => {
      if (data.type === 'done') resolve();
      else if (data.type === 'failure') reject(fromPlainFailure(data.failure));
      else onNews(data);
    });
    worker.addEventListener('error', (event) => {
      reject(new Failure('computation-failed', event.message || 'the lab’s worker could not be loaded'));
    });
    tell({ type: 'train', request, begun });
  }).finally(() => worker.terminate());
}
