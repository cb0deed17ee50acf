'use client';

/** The button that begins a measurement; while it goes on Stop, a bar and what is being done; why, where it failed. */
import { Button } from '@/app/_ui/button';
import { percent, roughly } from '../format';
import type { Measured } from './use-measured';

const BUTTON = 'w-fit rounded-md border border-line px-3 py-1.5 hover:bg-panel disabled:opacity-60';
/** Share of the work after which the time left can be said. */
const KNOWN = 0.02;

interface Props {
  state: Measured<unknown>;
  onRun(): void;
  onStop(): void;
  /** What the bar counts. */
  of: string;
  children: React.ReactNode;
}

export function MeasureButton({ state, onRun, onStop, of, children }: Props) {
  if (state.name === 'working') return <Working state={state} onStop={onStop} of={of} />;
  return (
    <>
      <Button onClick={onRun} className={BUTTON}>
        {children}
      </Button>
      {state.name === 'failed' ? (
        <span role="alert" className="text-bad">
          {state.message}
        </span>
      ) : null}
    </>
  );
}

function Working({ state, onStop, of }: Pick<Props, 'onStop' | 'of'> & { state: Extract<Measured<unknown>, { name: 'working' }> }) {
  const { status, done, total, elapsedMs } = state;
  return (
    <>
      <Button onClick={onStop} className={BUTTON}>
        Stop
      </Button>
      {total ? <progress max={total} value={done} aria-label={of} className="max-w-full accent-accent" /> : null}
      <span role="status" className="min-w-0 break-words text-muted">
        {status}
        {total ? ` ${percent(done / total)} %` : ''}
        {done > KNOWN * total ? `, ${roughly(elapsedMs * (total / done - 1)).toLowerCase()} left` : ''}
      </span>
    </>
  );
}
