'use client';

/** Adversarial images of this very model, made when asked for: the engine is loaded only then. */
import { Button } from '@/app/_ui/button';
import { useMeasured } from '@/app/_ui/measured/use-measured';
import { Panel } from '@/app/_ui/report/panel';
import type { Exhibit } from '@/workers/browser/gallery';
import { Picture } from './picture';

interface Props {
  modelUrl: string;
  board: string;
  epsilonLabel: string;
  shape: readonly [number, number, number];
  classNames: readonly string[];
  seed: number;
}

const COUNT = 24;

export function Gallery({ modelUrl, board, epsilonLabel, shape, classNames, seed }: Props) {
  const { state, run } = useMeasured<Exhibit[]>(async ({ onStatus }, signal) => {
    const { gallery } = await import('@/workers/browser/gallery');
    return gallery({ modelUrl, board, condition: 'pgd-margin', seed, count: COUNT }, onStatus, signal);
  });
  return (
    <Panel
      id="gallery"
      title="Adversarial images"
      lead={`The first ${COUNT} test images under PGD on the margin (ε = ${epsilonLabel}), attacked here in your browser: the image, the attacked image, and the difference, stretched to be seen.`}
    >
      {state.name === 'done' ? (
        <Exhibits exhibits={state.found} shape={shape} classNames={classNames} />
      ) : (
        <p className="flex flex-wrap items-center gap-3">
          <Button
            onClick={run}
            disabled={state.name === 'working'}
            className="rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel disabled:opacity-60"
          >
            Attack {COUNT} images
          </Button>
          {state.name === 'working' ? (
            <span role="status" className="text-sm text-muted">
              {state.status}
            </span>
          ) : null}
          {state.name === 'failed' ? (
            <span role="alert" className="text-sm text-bad">
              {state.message}
            </span>
          ) : null}
        </p>
      )}
    </Panel>
  );
}

function Exhibits({ exhibits, shape, classNames }: { exhibits: Exhibit[]; shape: Props['shape']; classNames: readonly string[] }) {
  const held = exhibits.filter((e) => e.predicted === e.label).length;
  return (
    <>
      <p role="status" className="mb-4 text-sm">
        {held} of {exhibits.length} hold.
      </p>
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {exhibits.map((e) => (
          <li key={e.index} className="rounded-lg border border-line p-3">
            <div className="flex gap-2">
              <Picture pixels={e.clean} shape={shape} label={`Test image ${e.index}: ${classNames[e.label]}`} />
              <Picture pixels={e.perturbed} shape={shape} label={`The same attacked: taken for ${classNames[e.predicted]}`} />
              <Picture
                pixels={e.perturbed.map((v, i) => 0.5 + (v - e.clean[i]) / (2 * Math.max(e.linf, 1e-6)))}
                shape={shape}
                label="The difference, stretched"
              />
            </div>
            <p className="mt-2 text-xs">
              <span className="text-muted">#{e.index}</span> {classNames[e.label]}
              {e.predictedClean === e.label ? '' : ` (taken for ${classNames[e.predictedClean]})`} →{' '}
              <strong className={`font-medium ${e.predicted === e.label ? 'text-good' : 'text-bad'}`}>
                {e.predicted === e.label ? 'holds' : classNames[e.predicted]}
              </strong>
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
