'use client';

/** The lab: what to train, how it goes, what it looks like, and the model to take away. */
import Link from 'next/link';
import { useState } from 'react';
import type { LabRequest, LabSet, LabState } from '@/workers/browser/lab-client';
import { count, ended } from '../_ui/format';
import { ProblemLine } from '../_ui/problem-line';
import { useHydrated } from '../_ui/use-hydrated';
import { primary } from '../signin/controls';
import { EPOCH_CHOICES, IMAGE_CHOICES, MEASURED, MODE_CHOICES, SEED, SET_CHOICES } from './choices';
import { Curves } from './curves';
import { LabSimplex } from './lab-simplex';
import { ReplaceQuestion } from './replace';
import { epochsLeft, type LabView } from './state';
import { TakeModel } from './take-model';
import { useLab } from './use-lab';

const BUTTON = 'rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel disabled:opacity-50';

export function Lab() {
  const { lab, start, stop } = useLab();
  const [mode, setMode] = useState<string>(MODE_CHOICES[0].id);
  const [set, setSet] = useState<LabSet>('plain');
  const [images, setImages] = useState<number>(IMAGE_CHOICES[1]);
  const [epochs, setEpochs] = useState<number>(EPOCH_CHOICES[2]);
  const running = lab.phase === 'running';
  const locked = !useHydrated() || running;
  const { state } = lab;
  const [asking, setAsking] = useState(false);
  const begin = (request: LabRequest, begun?: LabState) => {
    setAsking(false);
    start(request, begun);
  };
  const request: LabRequest = { mode, set, images, epochs, measured: MEASURED, seed: SEED };
  return (
    <div className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-8">
      <section aria-label="Training" className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <fieldset disabled={locked} className="grid min-w-0 gap-2">
          <legend className="mb-1 font-medium">Way of training</legend>
          {MODE_CHOICES.map(({ id, label, meaning }) => (
            <label key={id} className="flex items-baseline gap-2 text-sm">
              <input type="radio" name="lab-mode" checked={mode === id} onChange={() => setMode(id)} className="accent-accent" />
              <span>
                <strong className="font-medium">{label}</strong> <span className="text-muted">{meaning}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <div className="flex flex-wrap items-end gap-4">
          <label className="grid gap-1 text-sm">
            What is learnt
            <select
              value={set}
              disabled={locked}
              onChange={(event) => setSet(event.target.value as LabSet)}
              className="max-w-full rounded-md border border-line bg-bg px-2 py-1.5"
            >
              {SET_CHOICES.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          <Choice label="Training images" value={images} options={IMAGE_CHOICES} onChange={setImages} disabled={locked} />
          <Choice label="Epochs" value={epochs} options={EPOCH_CHOICES} onChange={setEpochs} disabled={locked} />
          {running ? (
            <button type="button" onClick={stop} className={BUTTON}>
              Stop
            </button>
          ) : (
            <button
              type="button"
              onClick={() => (epochsLeft(state) > 0 ? setAsking(true) : begin(request))}
              disabled={locked}
              className={`${primary} text-sm`}
            >
              {state ? 'Train anew' : 'Train'}
            </button>
          )}
          {!running && state && epochsLeft(state) > 0 ? (
            <button type="button" onClick={() => begin(state.request, state)} className={`${BUTTON} font-medium`}>
              Continue after epoch {state.epochs.length} of {state.request.epochs}
            </button>
          ) : null}
        </div>
        {asking && state && !running ? (
          <ReplaceQuestion state={state} onReplace={() => begin(request)} onKeep={() => setAsking(false)} />
        ) : null}
        <Progress lab={lab} />
        <ProblemLine text={lab.problem} />
      </section>
      {state ? (
        <section aria-labelledby="lab-course">
          <h2 id="lab-course" className="mb-1 text-lg font-semibold">
            {MODE_CHOICES.find(({ id }) => id === state.request.mode)?.label} on {count(state.request.images)} images
            {setNote(state.request)}, epoch {state.epochs.length} of {state.request.epochs}
          </h2>
          <p className="mb-4 text-sm text-muted">
            Collapse is measured on the first {state.labels.length} training images. For each class that is few: NC1 comes out lower than on
            more, and these numbers are no board’s.
          </p>
          <Curves epochs={state.epochs} />
        </section>
      ) : null}
      {state ? <LabSimplex state={state} /> : null}
      {state ? (
        <section aria-labelledby="lab-model">
          <h2 id="lab-model" className="mb-1 text-lg font-semibold">
            The model
          </h2>
          <p className="mb-2 max-w-3xl text-sm text-muted">
            A TensorFlow.js layers model as epoch {state.epochs.length} left it. Drop the zip on{' '}
            <Link href="/evaluate?board=glyphs/linf" className="underline underline-offset-2">
              Evaluate
            </Link>{' '}
            to measure it in full, or on{' '}
            <Link href="/submit" className="underline underline-offset-2">
              Submit
            </Link>
            .
          </p>
          <TakeModel state={state} className={BUTTON} />
        </section>
      ) : null}
    </div>
  );
}

/** What was learnt, where that is not the images as they are. */
const setNote = ({ set }: LabRequest) =>
  set === undefined || set === 'plain' ? '' : ` (${SET_CHOICES.find(({ id }) => id === set)?.label.toLowerCase()})`;

function Progress({ lab: { phase, status, device, steps, notice } }: { lab: LabView }) {
  const said = { idle: '', running: status, stopped: notice ? 'Stopped.' : 'Stopped; the last epoch is kept.', done: 'Done.', failed: '' }[
    phase
  ];
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
        </p>
      ) : null}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: number;
  options: readonly number[];
  onChange(value: number): void;
  disabled: boolean;
}

function Choice({ label, value, options, onChange, disabled }: ChoiceProps) {
  return (
    <label className="grid gap-1 text-sm">
      {label}
      <select
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(Number(event.target.value))}
        className="rounded-md border border-line bg-bg px-2 py-1.5"
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {count(option)}
          </option>
        ))}
      </select>
    </label>
  );
}
