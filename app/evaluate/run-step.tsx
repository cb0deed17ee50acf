'use client';

import type { Condition } from '@/lib/attacks/catalogue';
import { bytesToFetch } from '@/lib/data/blocks';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS } from '@/lib/protocol/boards';
import { isAutoAttack } from '@/lib/protocol/counts';
import { plannedCost } from '@/lib/protocol/plan';
import type { Inspection } from '@/workers/browser/messages';
import { CONDITIONS } from '../_ui/conditions';
import { bytes, count, duration, roughly } from '../_ui/format';
import { type Attacks, attacksOf, type Extras, type Size } from './choices';
import type { Running, State } from './state';
import { Step } from './step';

interface Props {
  state: State;
  board: string;
  size: Size;
  attacks: Attacks;
  layers: boolean;
  extras: Extras;
  onStart(): void;
  onStop(): void;
  /** Goes on with the run that was stopped or failed; absent where nothing of it was kept. */
  onContinue?(): void;
}

const primary = 'rounded-md bg-accent px-4 py-2 font-medium text-accent-fg disabled:opacity-50';
const secondary = 'rounded-md border border-line px-4 py-2 hover:bg-panel disabled:opacity-50';

export function RunStep({ state, board, size, attacks, layers, extras, onStart, onStop, onContinue }: Props) {
  const kept = onContinue ? 'stands below and is kept in this browser' : 'stands below';
  const { phase, notices } = state;
  return (
    <Step number={3} title="Run">
      {phase.name === 'choosing' || phase.name === 'inspecting' || phase.name === 'refused' ? (
        <button type="button" className={primary} disabled>
          Start
        </button>
      ) : phase.name === 'running' ? (
        <ProgressPanel run={phase.run} onStop={onStop} />
      ) : (
        <>
          {phase.name === 'stopped' ? (
            <p role="status" className="mb-3 text-sm">
              Stopped after {duration(phase.run.elapsedMs)}. What was measured until then {kept}.
            </p>
          ) : null}
          {phase.name === 'failed' ? (
            <div role="alert" className="mb-3 rounded-lg bg-bad-bg p-3 text-sm text-bad">
              <p className="font-medium">
                {phase.code === 'device-lost' ? 'The GPU was lost and could not be opened again.' : 'The run could not go on.'}
              </p>
              <p className="whitespace-pre-line">{phase.message}</p>
              <p>What was measured until then {kept}.</p>
            </div>
          ) : null}
          <Forecast inspection={phase.inspection} board={board} size={size} attacks={attacks} layers={layers} extras={extras} />
          <div className="flex flex-wrap gap-3">
            {onContinue ? (
              <button type="button" className={primary} onClick={onContinue}>
                Continue
              </button>
            ) : null}
            <button
              type="button"
              className={onContinue ? secondary : primary}
              onClick={onStart}
              disabled={size.samples + size.trainSamples === 0}
            >
              {phase.name === 'ready' ? 'Start' : 'Start again'}
            </button>
          </div>
        </>
      )}
      {notices.map((text) => (
        <p key={text} role="status" className="mt-3 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          {text}
        </p>
      ))}
    </Step>
  );
}

/** What a run will fetch and how long it will take on this device. */
function Forecast({
  inspection,
  board: boardId,
  size,
  attacks,
  layers,
  extras,
}: Pick<Props, 'board' | 'size' | 'attacks' | 'layers' | 'extras'> & { inspection: Inspection }) {
  const board = BOARDS.get(boardId);
  if (!board) return null;
  const { model, splits, engine, workers, rate } = inspection;
  const dataset = DATASETS[board.dataset];
  const samples = Math.min(size.samples, splits.test?.records ?? 0);
  const collapses = 'name' in model.feature;
  const trainSamples = collapses ? Math.min(size.trainSamples, splits.train?.records ?? 0) : 0;
  const fetched =
    (splits.test ? bytesToFetch(dataset, splits.test, samples) : 0) +
    (splits.train ? bytesToFetch(dataset, splits.train, trainSamples) : 0);
  const plan = { board, restarts: 1, samples, trainSamples, layers, layerWork: model.layerWork, ...extras };
  const timeOf = (chosen: Attacks) => roughly((plannedCost({ ...plan, ...attacksOf(chosen, samples) }) / rate) * 1000);
  const standard = attacks.level === 'standard' && samples > 0;
  const official = splits.test?.official && splits.train?.official;
  return (
    <div className="mb-4 grid gap-1 text-sm">
      <p>
        <strong className="font-medium">
          {standard || (samples > 0 && (extras.checks || extras.curves)) ? `Up to ${timeOf(attacks).toLowerCase()}` : timeOf(attacks)}
        </strong>{' '}
        on {engine.backend === 'webgpu' ? 'WebGPU' : 'WebAssembly'} ({engine.device}
        {workers > 1 ? `, ${workers} workers` : ''}), at {count(Math.round(rate))} image-steps a second.
      </p>
      {standard ? (
        <p className="text-muted">
          That is what it takes where every image withstands AutoAttack: close to 8 000 forward and 2 000 backward passes each. An image
          that falls is let go of, so a weak model is done much sooner. Without AutoAttack:{' '}
          {timeOf({ ...attacks, level: 'pgd' }).toLowerCase()}.{' '}
          {engine.backend === 'webgpu' ? '' : 'On WebAssembly a robust model takes hours; the run is kept and can be continued.'}
        </p>
      ) : null}
      <p className="text-muted">
        {splits.test?.bytes === 0
          ? `${count(samples + trainSamples)} images will be drawn in this browser; no data are fetched.`
          : `Up to ${bytes(fetched)} of ${dataset.title} will be fetched; what this browser has already is not fetched again.`}
      </p>
      {engine.note ? <p className="text-warn">{`${engine.note[0].toUpperCase()}${engine.note.slice(1)}.`}</p> : null}
      {inspection.dataNotes.map((note) => (
        <p key={note} className="text-warn">
          {note}.
        </p>
      ))}
      {official ? null : (
        <p className="text-warn">
          This site’s copy of {dataset.title} is not the official one: numbers can’t be compared with published ones to the last digit.
        </p>
      )}
    </div>
  );
}

const PART = {
  test: 'test images',
  checks: 'confidence checks',
  curves: 'curves',
  train: 'training images',
  layers: 'layer by layer',
} as const;

function stageName(condition: Condition): string {
  const { label } = CONDITIONS[condition];
  if (isAutoAttack(condition)) return `AutoAttack’s ${label}`;
  return label
    .toLowerCase()
    .replace(/pgd/, 'PGD')
    .replace(/gaussian/, 'Gaussian');
}

function ProgressPanel({ run, onStop }: { run: Running; onStop(): void }) {
  const share = Math.min(1, run.done / run.total);
  const rate = run.elapsedMs > 0 ? run.done / (run.elapsedMs / 1000) : 0;
  const percent = Math.floor(share * 100);
  return (
    <div>
      <div className="flex items-center gap-4">
        <div
          role="progressbar"
          aria-label="Evaluation"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          className="h-3 flex-1 overflow-hidden rounded-full bg-panel ring-1 ring-line"
        >
          <div className="h-full bg-accent transition-[width]" style={{ width: `${share * 100}%` }} />
        </div>
        <span className="w-12 text-right text-sm">{percent} %</span>
        <button type="button" onClick={onStop} className="rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel">
          Stop
        </button>
      </div>
      <p className="mt-2 text-sm text-muted">
        {run.stage
          ? `${run.stage.index} of ${run.stage.count}: ${stageName(run.stage.condition)}, ${PART[run.stage.part]}`
          : (run.status ?? 'Opening the device and fetching the data…')}
        {run.standing ? ` · ${count(run.standing)} still standing` : ''}
        {rate > 0
          ? ` · ${count(Math.round(rate))} image-steps/s · ${share > 0.02 ? `${roughly(run.elapsedMs * (1 / share - 1)).toLowerCase()} left` : 'estimating the time left'}`
          : ''}
      </p>
    </div>
  );
}
