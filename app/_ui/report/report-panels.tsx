/** What a report says, panel by panel: on its own page, on a model's, and at the end of an evaluation. */

import { DATASETS } from '@/lib/data/datasets';
import { BOARDS } from '@/lib/protocol/boards';
import { robustCount, testCount } from '@/lib/protocol/counts';
import type { Report } from '@/lib/protocol/report';
import { AccuracyTable } from './accuracy-table';
import { AutoAttackPanel } from './autoattack-panel';
import { ClassTable } from './class-table';
import { CollapsePanel } from './collapse-panel';
import { ConfidencePanel } from './confidence-panel';
import { CosinePanel } from './cosine-panel';
import { CurvesPanel } from './curves-panel';
import { LayersPanel } from './layers-panel';
import { SimplexPanel } from './simplex-panel';
import { Waterfall } from './waterfall';

export function ReportPanels({ report }: { report: Report }) {
  const board = BOARDS.get(report.board);
  const names = board ? DATASETS[board.dataset].classNames : [];
  const shown = (condition: string, correct: number) => [condition, { correct, samples: testCount(condition, report.counts) }] as const;
  const accuracy = Object.fromEntries([
    ...(report.clean ? [shown('clean', report.clean.correct)] : []),
    ...Object.entries(report.attacks).map(([id, a]) => shown(id, a.correct)),
  ]);
  return (
    <>
      <AccuracyTable accuracy={accuracy} robust={report.robust} robustSamples={robustCount(report.counts)} board={board} running={false} />
      <Waterfall report={report} />
      <AutoAttackPanel report={report} />
      {report.confidence ? <ConfidencePanel confidence={report.confidence} /> : null}
      {report.curves ? <CurvesPanel curves={report.curves} board={report.board} /> : null}
      <CollapsePanel
        collapse={report.collapse ?? {}}
        classes={report.model.classes}
        missing={report.collapse === null ? report.collapseReason : undefined}
        running={false}
      />
      {Object.keys(report.simplex).length > 0 ? <SimplexPanel report={report} /> : null}
      {report.cosines ? <CosinePanel cosines={report.cosines} classNames={names} /> : null}
      {report.layers ? <LayersPanel layers={report.layers} /> : null}
      {report.classes ? <ClassTable classes={report.classes} names={names} /> : null}
    </>
  );
}
