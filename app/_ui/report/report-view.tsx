/** A report as a page; also the numbers of a run that is still going on, which fill in as they come. */
import type { Condition } from '@/lib/attacks/catalogue';
import type { Collapse } from '@/lib/collapse/nc';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS } from '@/lib/protocol/boards';
import type { Report } from '@/lib/protocol/report';
import { AccuracyTable } from './accuracy-table';
import { ClassTable } from './class-table';
import { CollapsePanel } from './collapse-panel';
import { CosinePanel } from './cosine-panel';
import { Headline } from './headline';
import { LayersPanel } from './layers-panel';
import { Provenance } from './provenance';
import { SimplexPanel } from './simplex-panel';
import { Waterfall } from './waterfall';

export interface Live {
  accuracy: Partial<Record<Condition, { correct: number; samples: number }>>;
  collapse: Partial<Record<Condition, Collapse>>;
}

/** `running`: more numbers are to come. */
type Props = { report: Report } | { live: Live; board: string; running: boolean };

function accuracies(report: Report): Live['accuracy'] {
  const { samples } = report.counts;
  const attacks = Object.entries(report.attacks).map(([id, a]) => [id, { correct: a.correct, samples }]);
  return { ...(report.clean ? { clean: { correct: report.clean.correct, samples } } : {}), ...Object.fromEntries(attacks) };
}

export function ReportView(props: Props) {
  const report = 'report' in props ? props.report : undefined;
  const live: Live = 'report' in props ? { accuracy: accuracies(props.report), collapse: props.report.collapse ?? {} } : props.live;
  const board = BOARDS.get('report' in props ? props.report.board : props.board);
  const running = 'running' in props && props.running;
  const missing = report?.collapse === null ? report.collapseReason : undefined;
  const classNames = board ? DATASETS[board.dataset].classNames : [];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 border-t border-line pt-8">
      {report ? <Headline report={report} /> : null}
      <AccuracyTable accuracy={live.accuracy} robust={report?.robust} board={board} running={running} />
      {report ? <Waterfall report={report} /> : null}
      <CollapsePanel collapse={live.collapse} classes={report?.model.classes ?? 10} missing={missing} running={running} />
      {report && Object.keys(report.simplex).length > 0 ? <SimplexPanel report={report} /> : null}
      {report?.cosines ? <CosinePanel cosines={report.cosines} classNames={classNames} /> : null}
      {report?.layers ? <LayersPanel layers={report.layers} /> : null}
      {report?.classes ? <ClassTable classes={report.classes} names={classNames} /> : null}
      {report ? <Provenance report={report} /> : null}
    </div>
  );
}
