/** What the shown run says, panel by panel; the same parts that a report is made of. */

import { AccuracyTable } from '@/app/_ui/report/accuracy-table';
import { ClassTable } from '@/app/_ui/report/class-table';
import { CollapsePanel } from '@/app/_ui/report/collapse-panel';
import { CosinePanel } from '@/app/_ui/report/cosine-panel';
import { LayersPanel } from '@/app/_ui/report/layers-panel';
import { SimplexPanel } from '@/app/_ui/report/simplex-panel';
import { Waterfall } from '@/app/_ui/report/waterfall';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS } from '@/lib/protocol/boards';
import type { Report } from '@/lib/protocol/report';

export function ReportPanels({ report }: { report: Report }) {
  const board = BOARDS.get(report.board);
  const names = board ? DATASETS[board.dataset].classNames : [];
  const { samples } = report.counts;
  const accuracy = Object.fromEntries([
    ...(report.clean ? [['clean', { correct: report.clean.correct, samples }] as const] : []),
    ...Object.entries(report.attacks).map(([id, a]) => [id, { correct: a.correct, samples }] as const),
  ]);
  return (
    <>
      <Waterfall report={report} />
      <AccuracyTable accuracy={accuracy} robust={report.robust} board={board} running={false} />
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
