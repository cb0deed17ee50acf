'use client';

/** The lab: what to train, how it goes, what it looks like, and the model to take away. */
import Link from 'next/link';
import { useState } from 'react';
import { type LabRequest, type LabState, recipeOf } from '@/workers/browser/lab-client';
import { Button } from '../_ui/button';
import { count } from '../_ui/format';
import { ProblemLine } from '../_ui/problem-line';
import { secondary } from '../signin/controls';
import { MODE_CHOICES, NET_CHOICES, SET_CHOICES } from './choices';
import { Curves } from './curves';
import { LabSimplex } from './lab-simplex';
import { Progress } from './progress';
import { ReplaceQuestion } from './replace';
import { epochsLeft } from './state';
import { TakeModel } from './take-model';
import { TrainingForm } from './training-form';
import { useLab } from './use-lab';

export function Lab() {
  const { lab, start, stop } = useLab();
  /** What was asked for while another training is not at its end. */
  const [waiting, setWaiting] = useState<LabRequest>();
  const { state } = lab;
  const running = lab.phase === 'running';
  const begin = (request: LabRequest, begun?: LabState) => {
    setWaiting(undefined);
    start(request, begun);
  };
  return (
    <div className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-8">
      <section aria-label="Training" className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <TrainingForm
          running={running}
          again={state !== undefined}
          timing={lab.timing}
          onTrain={(request) => (epochsLeft(state) > 0 ? setWaiting(request) : begin(request))}
          onStop={stop}
        >
          {!running && state && epochsLeft(state) > 0 ? (
            <Button onClick={() => begin(state.request, state)} className={`${secondary} font-medium`}>
              Continue after epoch {state.epochs.length} of {state.request.epochs}
            </Button>
          ) : null}
        </TrainingForm>
        {waiting && state && !running ? (
          <ReplaceQuestion state={state} onReplace={() => begin(waiting)} onKeep={() => setWaiting(undefined)} />
        ) : null}
        <Progress lab={lab} />
        <ProblemLine text={lab.problem} />
      </section>
      {state ? <Course state={state} /> : null}
      {state ? <LabSimplex state={state} past={lab.past} /> : null}
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
          <TakeModel files={state.files} mode={state.request.mode} epoch={state.epochs.length} className={secondary}>
            Save as zip
          </TakeModel>
        </section>
      ) : null}
    </div>
  );
}

/** What was learnt, where that is not the images as they are. */
const setNote = ({ set }: LabRequest) =>
  set === undefined || set === 'plain' ? '' : ` (${SET_CHOICES.find(({ id }) => id === set)?.label.toLowerCase()})`;

/** The recipe in a line; what a browser keeps may be of other choices than the form's. */
function recipeLine(request: LabRequest): string {
  const { net, width, learningRate, batch, momentum, weightDecay, schedule, warmup } = recipeOf(request);
  const name = NET_CHOICES.find(({ id }) => id === net)?.label.replace(/:.*/, '');
  const network = `${name} network${width === 1 ? '' : ` × ${width}`}, batch ${batch}, learning rate ${learningRate} (${schedule})`;
  return `${network}, momentum ${momentum}, weight decay ${weightDecay}${warmup > 0 ? `, warm-up ${warmup} epochs` : ''}, seed ${request.seed}.`;
}

function Course({ state: { request, epochs, labels, diverged } }: { state: LabState }) {
  return (
    <section aria-labelledby="lab-course">
      <h2 id="lab-course" className="mb-1 text-lg font-semibold">
        {MODE_CHOICES.find(({ id }) => id === request.mode)?.label} on {count(request.images)} images
        {setNote(request)}, epoch {epochs.length} of {request.epochs}
      </h2>
      <p className="mb-1 text-sm text-muted">{recipeLine(request)}</p>
      {diverged ? (
        <p className="mb-1 text-sm text-warn">
          This training ended here: {diverged}. It would again with the same recipe, so it is not offered to be continued.
        </p>
      ) : null}
      <p className="mb-4 text-sm text-muted">
        Collapse is measured on the first {labels.length} training images. For each class that is few: NC1 comes out lower than on more, and
        these numbers are no board’s.
      </p>
      <Curves epochs={epochs} />
    </section>
  );
}
