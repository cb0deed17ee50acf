'use client';

/** Runs that were interrupted, by a reload, a crash or a stop, to be continued; and reports of those that ended, to be looked at. */
import type { SavedRun } from '@/workers/browser/client';
import { count } from '../_ui/format';
import { When } from '../_ui/when';
import { BOARD_CHOICES } from './choices';

interface Props {
  runs: SavedRun[];
  onContinue(run: SavedRun): void;
  onShow(run: SavedRun): void;
  onDiscard(run: SavedRun): void;
}

const button = 'rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel';

export function Interrupted({ runs, onContinue, onShow, onDiscard }: Props) {
  if (runs.length === 0) return null;
  return (
    <section aria-labelledby="kept-runs" className="rounded-lg border border-line p-4">
      <h2 id="kept-runs" className="font-semibold">
        {runs.length === 1 ? 'A run that is kept' : 'Runs that are kept'}
      </h2>
      <p className="mt-1 text-sm text-muted">
        In this browser only. An interrupted run that is continued ends in the same report as in one piece.
      </p>
      <ul className="mt-2 grid gap-3">
        {runs.map((run) => (
          <li key={run.id} className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <p className="min-w-0 grow basis-64 text-sm">
              <span className="font-mono font-medium break-words">{run.request.keep.title}</span> on{' '}
              {BOARD_CHOICES.find(({ id }) => id === run.request.board)?.label ?? run.request.board}
              <span className="block text-muted">
                {run.report ? 'Report on' : `${Math.floor(run.share * 100)} % of`} {count(run.request.samples)} test and{' '}
                {count(run.request.trainSamples)} training images
                {run.request.autoattackSamples === undefined ? '' : `, AutoAttack on ${count(run.request.autoattackSamples)}`},{' '}
                <When iso={new Date(run.savedAt).toISOString()} />
              </span>
            </p>
            {run.report ? (
              <button type="button" className={button} onClick={() => onShow(run)}>
                Show the report
              </button>
            ) : (
              <button type="button" className={button} onClick={() => onContinue(run)}>
                Continue
              </button>
            )}
            <button type="button" className={button} onClick={() => onDiscard(run)}>
              Discard
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
