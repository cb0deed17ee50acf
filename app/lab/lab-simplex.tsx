'use client';

/** The simplex of the class means as an epoch left it, to turn, tilt and let leap: the last one, or one that was seen before. */
import { useEffect, useMemo, useState } from 'react';
import { ClassStats, classMeans } from '@/lib/collapse/class-stats';
import { DATASETS } from '@/lib/data/datasets';
import type { LabState } from '@/workers/browser/lab-client';
import { Button } from '../_ui/button';
import { SimplexView } from '../_ui/simplex/simplex-view';
import { Slider } from '../_ui/simplex/slider';
import type { Follow } from '../_ui/simplex/way';
import { secondary } from '../signin/controls';
import { BOARD, FOLLOWED } from './choices';
import type { PastEpoch } from './past';
import { TakeModel } from './take-model';

const { classNames } = DATASETS.glyphs;
/** Of an epoch, while the training is played again. */
const FRAME_MS = 400;

export function LabSimplex({ state, past }: { state: LabState; past: readonly PastEpoch[] }) {
  const { request, labels, dim } = state;
  const { shown, at, look, playing, play } = useLookBack(past);
  const { epoch, features, files } = shown ?? { ...state, epoch: state.epochs.length };
  const means = useMemo(() => {
    const stats = new ClassStats(classNames.length, dim);
    stats.add(features[0].features, labels);
    return classMeans(stats);
  }, [features, labels, dim]);
  const follow: Follow = async (listen, signal) => {
    const { labTracks } = await import('@/workers/browser/lab-tracks');
    return labTracks({ request, files }, { board: BOARD, count: FOLLOWED }, listen, signal);
  };
  return (
    <section aria-labelledby="lab-simplex">
      <h2 id="lab-simplex" className="mb-3 text-lg font-semibold">
        The simplex after epoch {epoch}
      </h2>
      {past.length > 1 ? (
        <div className="mb-4 flex flex-wrap items-center gap-x-5 gap-y-2 text-sm">
          <Button onClick={play} className={secondary}>
            {playing ? 'Stop here' : 'Play the training'}
          </Button>
          <div className="min-w-56 grow sm:max-w-sm">
            <Slider label="Epoch" min={0} max={past.length - 1} value={at} text={`${epoch}`} onChange={look} />
          </div>
          <TakeModel files={files} mode={request.mode} epoch={epoch} className={secondary}>
            Save epoch {epoch}
          </TakeModel>
        </div>
      ) : null}
      <SimplexView tracksOf={epoch} means={means} labels={labels} sets={features} classNames={classNames} follow={follow} />
    </section>
  );
}

/** Which of the epochs is drawn: the last one as they come, until an earlier one is asked for. */
function useLookBack(past: readonly PastEpoch[]) {
  const [chosen, setChosen] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const last = past.length - 1;
  const found = chosen === undefined ? -1 : past.findIndex(({ epoch }) => epoch >= chosen);
  const at = found < 0 ? last : found;
  const next = past[at + 1]?.epoch;
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      setChosen(next);
      if (next === undefined) setPlaying(false);
    }, FRAME_MS);
    return () => clearTimeout(timer);
  }, [playing, next]);
  return {
    ...{ shown: past[at], at, playing },
    look(place: number) {
      setPlaying(false);
      setChosen(place === last ? undefined : past[place].epoch);
    },
    play() {
      if (!playing) setChosen(past[0].epoch);
      setPlaying(!playing);
    },
  };
}
