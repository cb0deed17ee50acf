import type { Condition } from '@/lib/attacks/catalogue';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS } from '@/lib/protocol/boards';
import type { Report } from '@/lib/protocol/report';
import { CONDITION_ORDER } from '../conditions';
import { ClassSimilarity } from './class-similarity';
import { Panel } from './panel';

/** How far each perturbed class mean has turned away from the clean one. */
export function SimplexPanel({ report }: { report: Report }) {
  const dataset = DATASETS[BOARDS.get(report.board)?.dataset ?? 'fashion-mnist'];
  const conditions = CONDITION_ORDER.flatMap((condition) => {
    const found = report.simplex[condition as Exclude<Condition, 'clean'>];
    return condition === 'clean' || !found ? [] : [{ condition, angle: found.angleCentred, distance: found.distanceCentred }];
  });
  return (
    <Panel
      id="simplex"
      title="Does the simplex hold?"
      lead="Angle between the clean and the perturbed mean of each class, both seen from the centre. Small angles: the simplex stands. Targeted images are grouped by the class they were sent to, so a small angle means that they leapt to its vertex."
    >
      <ClassSimilarity classNames={dataset.classNames} conditions={conditions} unit="degrees" />
    </Panel>
  );
}
