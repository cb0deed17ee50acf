/** How a runner did on the pinned reference models, the last time of each. */
import type { RunnerRow } from '@/db/queries/runners-page';
import { count } from '../_ui/format';
import { When } from '../_ui/when';

const WORDS = { held: 'held', drifted: 'drifted', failed: 'failed' } as const;

export function Checks({ checks }: { checks: RunnerRow['checks'] }) {
  if (checks.length === 0) return <span className="text-muted">not yet</span>;
  return (
    <ul className="grid gap-1">
      {checks.map(({ model, outcome, endedAt, details, message }) => (
        <li key={model} className="text-xs">
          <span className={outcome === 'held' ? 'text-good' : outcome === 'drifted' ? 'font-medium text-bad' : 'text-warn'}>
            {model}: {WORDS[outcome as keyof typeof WORDS]}
          </span>
          <span className="text-muted">
            {details && details.outcomes > 0 ? `, ${count(details.flips)} of ${count(details.outcomes)} outcomes differ` : ''}
            {outcome === 'drifted' ? `; beyond: ${details?.beyond.join(', ')}` : ''}
            {outcome === 'failed' && message ? `: ${message}` : ''}
            {', '}
            <When iso={(endedAt as Date).toISOString()} />
          </span>
        </li>
      ))}
    </ul>
  );
}
