/** The curves of one section, mode by mode, with the commands that make them. */
import { COLLAPSE_CONDITIONS, type Condition } from '@/lib/attacks/catalogue';
import { DATASETS } from '@/lib/data/datasets';
import { depthOf } from '@/lib/paper/depth';
import { commandsOf, GATHER, type PaperRun } from '@/lib/paper/run';
import { BOARDS } from '@/lib/protocol/boards';
import { CONDITIONS } from '../_ui/conditions';
import { CopyButton } from '../_ui/copy-button';
import { significant, tick } from '../_ui/format';
import { LinePlot, type Series } from '../_ui/line-plot';
import { ConditionName } from '../_ui/marker';
import { ClassSimilarity, type Similarity } from '../_ui/report/class-similarity';
import { extremes } from '../_ui/report/many-classes';
import { depthText } from './finding-text';
import { MODES, type ModeId } from './modes';
import { ANGLE_BY_CLASS, formatOf, paperSays, type Section } from './sections';
import { classSimilarity, epochCurves, layerCurves, PERTURBED } from './series';

const known = ({ values }: Series) => values.filter((v): v is number => v !== null);

/** Where each curve begins and ends, for those who do not see it. */
function summaryOf(series: readonly Series[], format: (v: number) => string, by: string): string {
  const parts = series.flatMap((s) => {
    const values = known(s);
    return values.length ? [`${s.condition} from ${format(values[0])} to ${format(values[values.length - 1])}`] : [];
  });
  return `By ${by}: ${parts.join('; ')}.`;
}

/** What the curves come to, as a sentence beneath them. */
const endsOf = (series: readonly Series[], format: (v: number) => string): string =>
  series
    .flatMap((s) =>
      known(s)
        .slice(-1)
        .map((v) => `${CONDITIONS[s.condition].label} ${format(v)}`),
    )
    .join(', ');

export function Figures({ section, runs }: { section: Section; runs: readonly PaperRun[] }) {
  return section.modes.map((mode) => {
    const own = runs.filter(({ recipe }) => recipe.mode === mode);
    if (own.length === 0)
      return (
        <p key={mode} className="mt-4 text-sm text-muted">
          {MODES[mode]}: not run on these images.
        </p>
      );
    const conditions: readonly Condition[] = section.layers ? ['clean', 'pgd-10'] : section.classes ? PERTURBED : COLLAPSE_CONDITIONS;
    return (
      <section key={mode} aria-label={`${section.title}: ${MODES[mode]}`} className="mt-5">
        {section.modes.length > 1 ? <h3 className="mb-2 font-medium">{MODES[mode]}</h3> : null}
        <ul className="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
          {conditions.map((c) => (
            <li key={c}>
              <ConditionName condition={c} />
            </li>
          ))}
        </ul>
        <div className="grid gap-6 md:grid-cols-2">
          {section.plots.map((plot) => {
            const { places, at, series, runs: over } = epochCurves(own, plot.value, plot.conditions);
            if (series.length === 0) return null;
            const format = formatOf(plot);
            const exact = plot.share ? format : significant;
            return (
              <div key={plot.title} className="min-w-0">
                <LinePlot
                  title={plot.title}
                  summary={summaryOf(series, exact, 'epoch')}
                  {...{ places, at, series, format }}
                  {...(plot.log ? { log: true } : {})}
                  {...(plot.share ? { domain: [0, 1] as [number, number] } : {})}
                />
                <p className="mt-1 text-sm text-muted">
                  The paper: {paperSays(plot, mode)} Here, at the end
                  {over > 1 ? ` (mean of ${over} runs; band: least to most)` : ' (one run)'}: {endsOf(series, exact)}.
                </p>
              </div>
            );
          })}
          {section.layers ? <Layers runs={own} /> : null}
        </div>
        {section.classes ? <Classes runs={own} mode={mode} /> : null}
        {section.layers ? (
          <p className="mt-3 max-w-3xl border-l-2 border-line pl-3 text-sm">
            {mode === 'st' ? null : <>The claims above are judged on standard training; this is for comparison. </>}
            <span className="font-medium">Here:</span> {depthText(depthOf(own))}
          </p>
        ) : null}
        <Commands runs={own} />
      </section>
    );
  });
}

function Layers({ runs }: { runs: PaperRun[] }) {
  const [centres, scatter] = [layerCurves(runs, 'nccAccuracy'), layerCurves(runs, 'nc1')];
  const share = formatOf({ share: true });
  return (
    <>
      <LinePlot
        title="Nearest centre is the true class, test images"
        summary={summaryOf(centres.series, share, 'layer')}
        {...centres}
        domain={[0, 1]}
        format={share}
      />
      <LinePlot title="NC1 by layer" summary={summaryOf(scatter.series, significant, 'layer')} {...scatter} log format={tick} />
    </>
  );
}

/** The finished models class by class, where the runs keep it. */
function Classes({ runs, mode }: { runs: readonly PaperRun[]; mode: ModeId }) {
  const found = classSimilarity(runs);
  if (!found) return null;
  const dataset = DATASETS[BOARDS.get(runs[0].recipe.board)?.dataset ?? 'fashion-mnist'];
  return (
    <div className="mt-4">
      <ClassSimilarity classNames={dataset.classNames} conditions={found.conditions} unit="radians" />
      <p className="mt-1 text-sm text-muted">
        The paper: {paperSays(ANGLE_BY_CLASS, mode)} Here, in the finished {found.runs === 1 ? 'model' : `models (mean of ${found.runs})`}:{' '}
        {farthest(found.conditions, dataset.classNames)}.
      </p>
    </div>
  );
}

/** Of each condition the class whose mean turned farthest. */
const farthest = (conditions: readonly Similarity[], classNames: readonly string[]): string =>
  conditions
    .flatMap(({ condition, angle }) => {
      const [y] = extremes(angle, 'largest', 1);
      return y === undefined
        ? []
        : [`${CONDITIONS[condition].label} turns ${classNames[y]} farthest, by ${(angle[y] as number).toFixed(2)} rad`];
    })
    .join('; ');

function Commands({ runs }: { runs: readonly PaperRun[] }) {
  const text = [...runs.flatMap((run) => commandsOf(run)), GATHER].join('\n');
  return (
    <details className="mt-2 text-sm">
      <summary className="w-fit text-muted">The commands that make {runs.length === 1 ? 'this run' : `these ${runs.length} runs`}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: only this lets a keyboard scroll it (WCAG 2.1.1). */}
      <pre tabIndex={0} className="my-2 overflow-x-auto rounded-lg bg-panel p-3 text-xs">
        {text}
      </pre>
      <CopyButton text={text} />
    </details>
  );
}
