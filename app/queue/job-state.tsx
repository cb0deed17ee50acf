/** How a job stands, in words: what it waits for, how far it is, why it failed. */
import type { QueueRow } from '@/db/queries/queue-page';
import { roughly } from '../_ui/format';

const WORDS: Record<QueueRow['state'], string> = {
  queued: 'waits',
  active: 'is measured',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

export function JobState({ job }: { job: QueueRow }) {
  const { state, progress, runner, expected, failure, ahead } = job;
  const percent = progress && progress.total > 0 ? Math.min(100, Math.floor((100 * progress.done) / progress.total)) : null;
  return (
    <>
      {WORDS[state]}
      {state === 'active' && runner ? ` by ${runner}` : ''}
      {state === 'active' && percent !== null ? `, ${percent} %: ${progress?.stage}` : ''}
      {state === 'queued' && ahead !== null ? `, ${ahead} ahead` : ''}
      {expected ? (
        <span className="block text-xs text-muted">
          {roughly(expected.lowSeconds * 1000)} to {roughly(expected.highSeconds * 1000).toLowerCase()}
        </span>
      ) : null}
      {failure ? (
        <span className="block text-xs text-muted">
          {state === 'queued' ? 'The last attempt failed: ' : ''}
          {failure.message}
        </span>
      ) : null}
    </>
  );
}
