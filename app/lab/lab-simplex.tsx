/** The simplex of the class means as the last epoch left it, to turn, tilt and let leap. */
import { useMemo } from 'react';
import { ClassStats, classMeans } from '@/lib/collapse/class-stats';
import { DATASETS } from '@/lib/data/datasets';
import type { LabState } from '@/workers/browser/lab-client';
import { SimplexView } from '../_ui/simplex/simplex-view';
import type { Follow } from '../_ui/simplex/way';
import { BOARD, FOLLOWED } from './choices';

const { classNames } = DATASETS.glyphs;

export function LabSimplex({ state: { request, files, features, labels, dim, epochs } }: { state: LabState }) {
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
        The simplex after epoch {epochs.length}
      </h2>
      <SimplexView tracksOf={epochs.length} means={means} labels={labels} sets={features} classNames={classNames} follow={follow} />
    </section>
  );
}
