'use client';

/** Runs that were interrupted, by a reload, a crash or a stop: each can be continued, or thrown away with what it keeps. */
import type { SavedRun } from '@/workers/browser/client';
import { count } from '../_ui/format';
import { When } from '../_ui/when';
import { BOARD_CHOICES } from './choices';

interface Props {
  runs: SavedRun[];
  onContinue(run: SavedRun): void;
  onDiscard(run: SavedRun): void;
}

const button = 'rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel';

export function Interrupted({ runs, onContinue, onDiscard }: Props) {
  if (runs.length === 0) return null;
  return (
    <section aria-labelledby="interrupted" className="rounded-lg border border-line p-4">
      <h2 id="interrupted" className="font-semibold">
        {runs.length === 1 ? 'An interrupted run' : 'Interrupted runs'}
      </h2>
      <p className="mt-1 text-sm text-muted">Kept in this browser only. Continued, a run ends in the same report as in one piece.</p>
      <ul className="mt-2 grid gap-3">
        {runs.map((run) => (
          <li key={run.id} className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <p className="min-w-0 grow basis-64 text-sm">
              <span className="font-mono font-medium break-words">{run.request.keep.title}</span> on{' '}
              {BOARD_CHOICES.find(({ id }) => id === run.request.board)?.label ?? run.request.board}
              <span className="block text-muted">
                {Math.floor(run.share * 100)} % of {count(run.request.samples)} test and {count(run.request.trainSamples)} training images,{' '}
                <When iso={new Date(run.savedAt).toISOString()} />
              </span>
            </p>
            <button type="button" className={button} onClick={() => onContinue(run)}>
              Continue
            </button>
            <button type="button" className={button} onClick={() => onDiscard(run)}>
              Discard
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
