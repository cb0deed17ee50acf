/** The four numbers that a reader takes away, and how they were come by. */
import Link from 'next/link';
import { BigNumber } from '@/app/_ui/big-number';
import { count, percent, significant } from '@/app/_ui/format';
import { flagWords, GradeLetter } from '@/app/_ui/report/confidence-panel';
import { When } from '@/app/_ui/when';
import type { standings } from '@/db/schema';
import { collapseScore } from '@/lib/protocol/collapse-score';
import { robustCount } from '@/lib/protocol/counts';
import { CHECK_SAMPLES } from '@/lib/protocol/probes';
import { isRaised, type Report } from '@/lib/protocol/report';

interface Props {
  standing: typeof standings.$inferSelect;
  report: Report;
  slug: string;
  version: number;
  /** They were removed, so nobody can repeat it here. */
  filesGone: boolean;
  /** Where a runner can be asked for them. */
  askForCurves: React.ReactNode;
}

/** The interval, and by how many images other accepted evidence lies below the run. */
function robustNote({ robust, robustLow, robustHigh, ...counts }: Props['standing'], report: Report): string | undefined {
  if (robust === null || robustLow === null || robustHigh === null) return undefined;
  const more = report.robust ? report.robust.correct - Math.round(robust * robustCount(counts)) : 0;
  const others = more > 0 ? `; ${count(more)} ${more === 1 ? 'image' : 'images'} broken since the run` : '';
  const of = counts.autoattackSamples === null ? '' : ` of the first ${count(counts.autoattackSamples)} images`;
  return `95 % interval ${percent(robustLow)}–${percent(robustHigh)}${of}; an upper bound${others}`;
}

export function Score({ standing, report, slug, version, filesGone, askForCurves }: Props) {
  const clean = report.collapse?.clean;
  const score = clean && collapseScore(clean, report.model.classes, 'clean');
  const { samples, trainSamples } = report.counts;
  const repeat = new URLSearchParams({
    site: `${slug}@${version}`,
    board: report.board,
    samples: String(samples),
    train: String(trainSamples),
    ...(report.level === 'standard' ? { level: 'standard', autoattack: String(robustCount(report.counts)) } : {}),
    run: standing.runId,
  });
  const probing = new URLSearchParams({
    ...{ site: `${slug}@${version}`, board: report.board, samples: String(CHECK_SAMPLES), train: '0', checks: 'yes', curves: 'yes' },
  });
  return (
    <section aria-label="Scores" className="mt-5">
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4">
        <BigNumber label="Clean accuracy" value={report.clean ? `${percent(report.clean.accuracy)} %` : 'not run'} />
        <BigNumber
          label="Robust accuracy"
          value={standing.robust === null ? 'not run' : `${percent(standing.robust)} %`}
          note={robustNote(standing, report)}
        />
        <BigNumber
          label="Collapse score, clean"
          value={score ? score.score.toFixed(1) : 'not defined'}
          note={score ? `points: ${score.components.map((c) => `${c.id.toUpperCase()} ${c.points.toFixed(0)}`).join(', ')}` : undefined}
        />
        <BigNumber
          label="NC1, clean / PGD-10"
          value={`${significant(clean?.nc1)} / ${significant(report.collapse?.['pgd-10']?.nc1)}`}
          note="lower is more collapsed"
        />
      </dl>
      {score && score.lostDirections > 0 ? (
        <p className="mt-2 text-sm text-warn">
          The class means span {score.lostDirections} directions fewer than a simplex needs, so NC1 counts for nothing in the collapse
          score.
        </p>
      ) : null}
      {report.flags.filter(isRaised).map((flag) => (
        <p key={flag.id} className="mt-2 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          <strong className="font-medium">{flagWords(flag).title}:</strong> {flagWords(flag).text}
        </p>
      ))}
      <p className="mt-3 text-sm text-muted">
        Confidence: <GradeLetter confidence={report.confidence} />. From{' '}
        <Link href={`/runs/${standing.runId}`} className="underline underline-offset-2">
          run {standing.runId.slice(0, 8)}
        </Link>
        , <When iso={standing.measuredAt.toISOString()} />, on {count(samples)} test and {count(trainSamples)} training images
        {standing.full ? '' : ': a preview, not of ranked size'}. The state rests on {standing.basis.length}{' '}
        {standing.basis.length === 1 ? 'run' : 'runs'}.
      </p>
      <div className="mt-4 flex flex-wrap gap-3">
        {filesGone ? null : (
          <Link href={`/evaluate?${repeat}`} className="rounded-md bg-accent px-4 py-2 text-sm font-medium text-accent-fg">
            Reproduce in my browser
          </Link>
        )}
        {filesGone ? null : (
          <Link
            href={`/evaluate?${probing}`}
            title="Accuracy against radius, steps and restarts, and what speaks for or against the score; on the first 256 test images."
            className="rounded-md border border-line px-4 py-2 text-sm hover:bg-panel"
          >
            Curves and checks
          </Link>
        )}
        {askForCurves}
        {report.robust ? (
          <a href="#attack" className="rounded-md border border-line px-4 py-2 text-sm hover:bg-panel">
            Attack this model
          </a>
        ) : null}
        <Link href={`/boards/${report.board}`} className="rounded-md border border-line px-4 py-2 text-sm hover:bg-panel">
          On the board
        </Link>
        <Link
          href={`/compare?m=${slug}@${version}&board=${report.board}`}
          className="rounded-md border border-line px-4 py-2 text-sm hover:bg-panel"
        >
          Compare
        </Link>
      </div>
    </section>
  );
}
