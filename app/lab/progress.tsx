import { ended, roughly } from '../_ui/format';
import { type LabView, timeLeft } from './state';

/** How a training goes: on which device, what is being done, how far it is. */
export function Progress({ lab }: { lab: LabView }) {
  const { phase, status, device, steps, notice } = lab;
  const left = timeLeft(lab);
  const kept = notice || !lab.state ? 'Stopped.' : 'Stopped; the last epoch is kept.';
  const said = { idle: '', running: status, stopped: kept, done: 'Done.', failed: '' }[phase];
  return (
    <div className="text-sm">
      {device ? <p className="text-muted">{device}</p> : null}
      {notice ? (
        <p role="alert" className="text-warn">
          {ended(notice)} Training goes on; save the model before you leave the page.
        </p>
      ) : null}
      <p role="status">{said}</p>
      {phase === 'running' && steps ? (
        <p className="tabular-nums text-muted">
          <progress value={steps.done} max={steps.total} aria-label="Steps of training" className="mr-3 align-middle accent-accent" />
          step {steps.done} of {steps.total}, loss {steps.loss.toFixed(3)}
          {left === undefined ? '' : `, ${roughly(left).toLowerCase()} left`}
        </p>
      ) : null}
    </div>
  );
}
