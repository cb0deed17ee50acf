'use client';

/** Neighbouring questions to this very model, answered in the visitor's browser when asked for: the engine is loaded only then. */
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { count, percent, roughly } from '@/app/_ui/format';
import { Panel } from '@/app/_ui/report/panel';
import { useHydrated } from '@/app/_ui/use-hydrated';
import { PROBE_IDS } from '@/lib/probes/catalogue';
import type { ProbesMeasured } from '@/lib/probes/measure';
import { ProbeAnswer } from './probe-answer';

interface Props {
  modelUrl: string;
  board: string;
  seed: number;
  classNames: readonly string[];
}

type State =
  | { name: 'idle' }
  | { name: 'working'; status: string; done: number; total: number; elapsedMs: number }
  | { name: 'failed'; message: string }
  | { name: 'done'; found: ProbesMeasured };

/** Training and test images. */
const SIZES = [
  [100, 10],
  [300, 30],
  [1000, 100],
] as const;

export function Probes({ modelUrl, board, seed, classNames }: Props) {
  const [state, setState] = useState<State>({ name: 'idle' });
  const [size, setSize] = useState(1);
  const hydrated = useHydrated();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const run = async () => {
    const controller = new AbortController();
    stop.current = controller;
    const progress = { status: 'Loading the engine…', done: 0, total: 0, elapsedMs: 0 };
    let began = 0;
    const tell = (change: Partial<typeof progress>) => {
      if (!controller.signal.aborted) setState({ name: 'working', ...Object.assign(progress, change) });
    };
    tell({});
    try {
      const { probesHere } = await import('@/workers/browser/probes');
      const listen = {
        onStatus: (status: string) => tell({ status }),
        onProgress: (done: number, total: number) => {
          if (done === 0) began = performance.now();
          tell({ done, total, elapsedMs: performance.now() - began });
        },
      };
      const [trainSamples, samples] = SIZES[size];
      const found = await probesHere({ modelUrl, board, seed, trainSamples, samples }, listen, controller.signal);
      setState({ name: 'done', found });
    } catch (error) {
      setState(controller.signal.aborted ? { name: 'idle' } : { name: 'failed', message: (error as Error).message });
    }
  };
  const working = state.name === 'working';
  return (
    <Panel
      id="neighbouring-questions"
      title="Neighbouring questions"
      lead={
        <>
          What other papers would ask of this model, measured here in your browser on a few images with the run’s seed. No score counts any
          of it; formulas are in{' '}
          <Link href="/docs/probes" className="underline underline-offset-2">
            the documentation
          </Link>
          .
        </>
      }
    >
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <label className="inline-flex flex-wrap items-center gap-2">
          Training and test images
          <select
            value={size}
            disabled={!hydrated || working}
            onChange={(event) => setSize(Number(event.currentTarget.value))}
            className="rounded-md border border-line bg-bg px-2 py-1.5"
          >
            {SIZES.map(([train, test], i) => (
              <option key={train} value={i}>
                {count(train)} and {count(test)}
              </option>
            ))}
          </select>
        </label>
        {state.name === 'working' ? (
          <>
            <button
              type="button"
              onClick={() => stop.current?.abort()}
              className="rounded-md border border-line px-3 py-1.5 hover:bg-panel"
            >
              Stop
            </button>
            {state.total ? (
              <progress max={state.total} value={state.done} aria-label="Probes, image-steps" className="accent-accent" />
            ) : null}
            <span role="status" className="min-w-0 break-words text-muted">
              {state.status}
              {state.total ? ` ${percent(state.done / state.total)} %` : ''}
              {state.done > 0.02 * state.total ? `, ${roughly(state.elapsedMs * (state.total / state.done - 1)).toLowerCase()} left` : ''}
            </span>
          </>
        ) : (
          <button
            type="button"
            onClick={run}
            disabled={!hydrated}
            className="rounded-md border border-line px-3 py-1.5 hover:bg-panel disabled:opacity-60"
          >
            {state.name === 'done' ? 'Ask again' : 'Ask the model'}
          </button>
        )}
        {state.name === 'failed' ? (
          <span role="alert" className="text-bad">
            {state.message}
          </span>
        ) : null}
      </div>
      {state.name === 'done' ? (
        <div className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-6">
          <p role="status" className="text-sm text-muted">
            Measured on the first {count(state.found.images.train)} training and {count(state.found.images.test)} test images.
          </p>
          {PROBE_IDS.map((id) => {
            const answer = state.found.probes[id];
            return answer ? <ProbeAnswer key={id} id={id} answer={answer} classNames={classNames} /> : null;
          })}
        </div>
      ) : null}
    </Panel>
  );
}
