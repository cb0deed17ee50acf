import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
import { isPreview } from '@/lib/protocol/preview';
import { isRaised, type Report } from '@/lib/protocol/report';
import { BigNumber } from '../big-number';
import { count, percent, significant } from '../format';
import { flagWords, GradeLetter } from './confidence-panel';

/** The four numbers that a reader takes away, and what to make of them. */
export function Headline({ report }: { report: Report }) {
  const board = BOARDS.get(report.board);
  const { clean, robust, collapse, counts } = report;
  const attacked = counts.autoattackSamples;
  const raised = report.flags.filter(isRaised);
  return (
    <section aria-labelledby="report-title">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 id="report-title" className="text-xl font-semibold tracking-tight">
          Report
        </h2>
        <p className="text-sm text-muted">
          {board ? `${DATASETS[board.dataset].title}, ${NORM_LABEL[board.norm]} ≤ ${board.epsilonLabel}` : report.board} ·{' '}
          {count(counts.samples)} test{attacked === undefined ? '' : ` (AutoAttack: the first ${count(attacked)})`} and{' '}
          {count(counts.trainSamples)} training images
          {isPreview(report) ? ' · preview, not of ranked size' : ''}
        </p>
      </div>
      <dl className="mt-4 grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4">
        <BigNumber label="Clean accuracy" value={clean ? `${percent(clean.accuracy)} %` : 'not run'} />
        <BigNumber
          label="Robust accuracy"
          value={robust ? `${percent(robust.accuracy)} %` : 'not run'}
          note={
            robust
              ? `95 % interval ${percent(robust.interval95[0])}–${percent(robust.interval95[1])}${attacked === undefined ? '' : `, of the first ${count(attacked)} images`}`
              : undefined
          }
        />
        <BigNumber
          label="NC1, clean"
          value={collapse?.clean ? significant(collapse.clean.nc1) : 'not run'}
          note="lower is more collapsed"
        />
        <BigNumber
          label="NC1 under PGD-10"
          value={collapse?.['pgd-10'] ? significant(collapse['pgd-10'].nc1) : 'not run'}
          note="lower is more collapsed"
        />
      </dl>
      {raised.map((flag) => (
        <p key={flag.id} className="mt-3 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          <strong className="font-medium">{flagWords(flag).title}:</strong> {flagWords(flag).text}
        </p>
      ))}
      <p className="mt-3 text-sm text-muted">
        Confidence: <GradeLetter confidence={report.confidence} />. Robust accuracy is the share of test images that no attack inside the
        ball, aimed away from the true class, has broken; it is an upper bound. A browser’s number is a claim until somebody else has
        measured it again.
      </p>
    </section>
  );
}
