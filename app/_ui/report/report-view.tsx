/** A report as a page; also the numbers of a run that is still going on, which fill in as they come. */
import type { Condition } from '@/lib/attacks/catalogue';
import type { Collapse } from '@/lib/collapse/nc';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS } from '@/lib/protocol/boards';
import type { Report } from '@/lib/protocol/report';
import { AccuracyTable } from './accuracy-table';
import { CollapsePanel } from './collapse-panel';
import { Headline } from './headline';
import { Provenance } from './provenance';
import { ReportPanels } from './report-panels';

export interface Live {
  accuracy: Partial<Record<Condition, { correct: number; samples: number }>>;
  collapse: Partial<Record<Condition, Collapse>>;
}

/** `running`: more numbers are to come. */
type Props = { report: Report } | { live: Live; board: string; running: boolean };

const classesOf = (boardId: string) => DATASETS[BOARDS.get(boardId)?.dataset ?? 'fashion-mnist'].classNames.length;

export function ReportView(props: Props) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 border-t border-line pt-8">
      {'report' in props ? (
        <>
          <Headline report={props.report} />
          <ReportPanels report={props.report} />
          <Provenance report={props.report} />
        </>
      ) : (
        <>
          <AccuracyTable accuracy={props.live.accuracy} robust={undefined} board={BOARDS.get(props.board)} running={props.running} />
          <CollapsePanel collapse={props.live.collapse} classes={classesOf(props.board)} missing={undefined} running={props.running} />
        </>
      )}
    </div>
  );
}
