'use client';

/** Neighbouring questions to this very model, answered in the visitor's browser when asked for: the engine is loaded only then. */
import Link from 'next/link';
import { useState } from 'react';
import { count } from '@/app/_ui/format';
import { MeasureButton } from '@/app/_ui/measured/measure-button';
import { useMeasured } from '@/app/_ui/measured/use-measured';
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

/** Training and test images. */
const SIZES = [
  [100, 10],
  [300, 30],
  [1000, 100],
] as const;

export function Probes({ modelUrl, board, seed, classNames }: Props) {
  const [size, setSize] = useState(1);
  const hydrated = useHydrated();
  const { state, run, stop } = useMeasured<ProbesMeasured>(async (listen, signal) => {
    const { probesHere } = await import('@/workers/browser/probes');
    const [trainSamples, samples] = SIZES[size];
    return probesHere({ modelUrl, board, seed, trainSamples, samples }, listen, signal);
  });
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
        <MeasureButton state={state} onRun={run} onStop={stop} of="Probes, image-steps">
          {state.name === 'done' ? 'Ask again' : 'Ask the model'}
        </MeasureButton>
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
