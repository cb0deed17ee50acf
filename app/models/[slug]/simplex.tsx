'use client';

/** The simplex of this very model, measured in the visitor's browser when asked for: the engine is loaded only then. */
import Link from 'next/link';
import { useMemo, useState } from 'react';
import { CONDITIONS } from '@/app/_ui/conditions';
import { count, percent } from '@/app/_ui/format';
import { ListTable } from '@/app/_ui/list-table';
import { ConditionName } from '@/app/_ui/marker';
import { MeasureButton } from '@/app/_ui/measured/measure-button';
import { useMeasured } from '@/app/_ui/measured/use-measured';
import { Panel } from '@/app/_ui/report/panel';
import { SimplexView } from '@/app/_ui/simplex/simplex-view';
import type { Follow } from '@/app/_ui/simplex/way';
import { ClassStats, classMeans } from '@/lib/collapse/class-stats';
import { leaps } from '@/lib/collapse/leaps';
import type { SimplexFeatures } from '@/workers/browser/simplex';

interface Props {
  modelUrl: string;
  board: string;
  seed: number;
  classNames: readonly string[];
  /** The run whose collapse is measured on many more images. */
  runId: string;
}

const COUNTS = [100, 300, 1000];
/** Images whose way under PGD is followed: it takes as long as six times as many drawn at its ends. */
const FOLLOWED = 60;

export function Simplex({ modelUrl, board, seed, classNames, runId }: Props) {
  const [images, setImages] = useState(COUNTS[1]);
  const source = { kind: 'url', url: modelUrl } as const;
  const { state, run, stop } = useMeasured<SimplexFeatures>(async (listen, signal) => {
    const { simplexFeatures } = await import('@/workers/browser/simplex');
    return simplexFeatures({ source, board, seed, count: images }, listen, signal);
  });
  const follow: Follow = async (listen, signal) => {
    const { attackTracks } = await import('@/workers/browser/tracks');
    return attackTracks({ source, board, seed, count: FOLLOWED }, listen, signal);
  };
  return (
    <Panel
      id="simplex-drawn"
      title="The simplex, drawn"
      lead="Features of training images in the projection that shows their class means best, clean and perturbed with the run’s seed, measured here in your browser. Where a model has collapsed, classes are points at the corners, and a perturbed image leaps from one to another."
    >
      {state.name === 'done' ? (
        <Drawn found={state.found} classNames={classNames} runId={runId} follow={follow} />
      ) : (
        <div className="flex flex-wrap items-center gap-3 text-sm">
          <label className="inline-flex items-center gap-2">
            Training images
            <select
              value={images}
              disabled={state.name === 'working'}
              onChange={(event) => setImages(Number(event.currentTarget.value))}
              className="rounded-md border border-line bg-bg px-2 py-1.5"
            >
              {COUNTS.map((n) => (
                <option key={n} value={n}>
                  {count(n)}
                </option>
              ))}
            </select>
          </label>
          <MeasureButton state={state} onRun={run} onStop={stop} of="Passes through the network">
            Draw the simplex
          </MeasureButton>
        </div>
      )}
    </Panel>
  );
}

interface DrawnProps {
  found: SimplexFeatures;
  classNames: readonly string[];
  runId: string;
  follow: Follow;
}

function Drawn({ found, classNames, runId, follow }: DrawnProps) {
  const { dim, labels, sets } = found;
  const means = useMemo(() => {
    const stats = new ClassStats(classNames.length, dim);
    stats.add(sets[0].features, labels);
    return classMeans(stats);
  }, [classNames, dim, labels, sets]);
  const landed = useMemo(
    () => sets.map(({ condition, features }) => ({ condition, ...leaps(features, labels, means) })),
    [sets, labels, means],
  );
  const pgd = landed.find((l) => l.condition === 'pgd-10');
  const share = (n: number, of: number) => `${percent(n / of)} %`;
  return (
    <>
      <SimplexView means={means} labels={labels} sets={sets} classNames={classNames} follow={follow} />
      {pgd ? (
        <p role="status" className="mt-4 max-w-3xl text-sm">
          Under {CONDITIONS['pgd-10'].label}, {share(pgd.stay, pgd.samples)} of {count(pgd.samples)} images stay nearest to the clean mean
          of their own class
          {pgd.commonest
            ? `; the commonest leap is from ${classNames[pgd.commonest.from]} to ${classNames[pgd.commonest.to]} (${count(pgd.commonest.samples)} images)`
            : ''}
          . Collapse on many more images is in{' '}
          <Link href={`/runs/${runId}`} className="underline underline-offset-2">
            run {runId.slice(0, 8)}
          </Link>
          .
        </p>
      ) : null}
      <div className="mt-3">
        <ListTable
          label="Where images land among the clean class means"
          heads={['Images', 'Nearest to their own class', 'To another', 'To the next class, y + 1', 'Commonest leap']}
          rows={landed.map(({ condition, samples, stay, next, commonest }) => ({
            key: condition,
            cells: [
              <ConditionName key="c" condition={condition} />,
              share(stay, samples),
              share(samples - stay, samples),
              share(next, samples),
              commonest ? `${classNames[commonest.from]} → ${classNames[commonest.to]} (${count(commonest.samples)})` : 'none',
            ],
          }))}
        />
      </div>
    </>
  );
}
