/** A report as a page; also the numbers of a run that is still going on, which fill in as they come. */
import type { Condition } from '@/lib/attacks/catalogue';
import type { Collapse } from '@/lib/collapse/nc';
import { BOARDS } from '@/lib/protocol/boards';
import type { Report } from '@/lib/protocol/report';
import { AccuracyTable } from './accuracy-table';
import { CollapsePanel } from './collapse-panel';
import { Headline } from './headline';
import { LayersPanel } from './layers-panel';
import { Provenance } from './provenance';
import { SimplexPanel } from './simplex-panel';

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
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 border-t border-line pt-8">
      {report ? <Headline report={report} /> : null}
      <AccuracyTable accuracy={live.accuracy} robust={report?.robust} board={board} running={running} />
      <CollapsePanel collapse={live.collapse} classes={report?.model.classes ?? 10} missing={missing} running={running} />
      {report && Object.keys(report.simplex).length > 0 ? <SimplexPanel report={report} /> : null}
      {report?.layers ? <LayersPanel layers={report.layers} /> : null}
      {report ? <Provenance report={report} /> : null}
    </div>
  );
}
