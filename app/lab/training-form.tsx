'use client';

/** What is trained, and how: the way of training, what is learnt, how much of it, and the recipe. */
import { type ReactNode, useState } from 'react';
import type { LabRequest } from '@/workers/browser/lab-client';
import { Button } from '../_ui/button';
import { count, ended, roughly } from '../_ui/format';
import { ProblemLine } from '../_ui/problem-line';
import { useHydrated } from '../_ui/use-hydrated';
import { primary, secondary } from '../signin/controls';
import { EPOCH_CHOICES, IMAGE_CHOICES, MODE_CHOICES, SET_CHOICES } from './choices';
import { formOf, type LabForm, readForm, TYPED } from './form';
import { Recipe } from './recipe';
import { Select } from './select';
import { forecastMs, type Timing } from './time';

interface Props {
  running: boolean;
  /** Whether a training is there already. */
  again: boolean;
  /** Of the last training in this page. */
  timing: Timing | undefined;
  onTrain(request: LabRequest): void;
  onStop(): void;
  /** What stands beside the button. */
  children: ReactNode;
}

const counted = (options: readonly number[]) => options.map((id) => ({ id, label: count(id) }));

export function TrainingForm({ running, again, timing, onTrain, onStop, children }: Props) {
  const [chosen, setChosen] = useState<Partial<LabForm>>({});
  const [tried, setTried] = useState(false);
  const locked = !useHydrated() || running;
  const form = formOf(chosen);
  const { request, refused } = readForm(form);
  const wrong = TYPED.find((name) => refused[name]);
  const expected = forecastMs(request, timing);
  const change = (part: Partial<LabForm>) => setChosen({ ...chosen, ...part });
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrong) return onTrain(request);
    const field = document.getElementById(`lab-${wrong}`);
    field?.closest('details')?.setAttribute('open', '');
    field?.focus();
  };
  return (
    <form onSubmit={submit} noValidate className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <fieldset disabled={locked} className="grid min-w-0 gap-2">
        <legend className="mb-1 font-medium">Way of training</legend>
        {MODE_CHOICES.map(({ id, label, meaning }) => (
          <label key={id} className="flex items-baseline gap-2 text-sm">
            <input
              type="radio"
              name="lab-mode"
              checked={form.mode === id}
              onChange={() => change({ mode: id })}
              className="accent-accent"
            />
            <span>
              <strong className="font-medium">{label}</strong> <span className="text-muted">{meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset disabled={locked} className="flex min-w-0 flex-wrap gap-4">
        <legend className="sr-only">What is learnt, and how long</legend>
        <Select label="What is learnt" value={form.set} options={SET_CHOICES} onChange={(set) => change({ set })} />
        <Select label="Training images" value={form.images} options={counted(IMAGE_CHOICES)} onChange={(images) => change({ images })} />
        <Select label="Epochs" value={form.epochs} options={counted(EPOCH_CHOICES)} onChange={(epochs) => change({ epochs })} />
      </fieldset>
      <Recipe {...{ form, request, refused, locked }} onChange={change} />
      <div className="flex flex-wrap items-center gap-3 text-sm">
        {running ? (
          <Button key="stop" onClick={onStop} className={secondary}>
            Stop
          </Button>
        ) : (
          <Button key="train" type="submit" className={primary}>
            {again ? 'Train anew' : 'Train'}
          </Button>
        )}
        {expected === undefined || running || wrong ? null : <span className="text-muted">{roughly(expected)} on this device</span>}
        {children}
      </div>
      {tried && wrong ? <ProblemLine text={`Nothing was started: ${ended(refused[wrong] as string)}`} /> : null}
    </form>
  );
}
