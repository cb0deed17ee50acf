/** Loss, accuracy and NC1–NC4 by epoch, and the same numbers as a table. */
import type { Condition } from '@/lib/attacks/catalogue';
import { COLLAPSE_CONDITIONS } from '@/lib/attacks/catalogue';
import { average } from '@/lib/collapse/simplex';
import type { ConditionPoint } from '@/lib/protocol/dynamics';
import type { LabEpoch } from '@/workers/browser/lab-client';
import { CONDITIONS } from '../_ui/conditions';
import { percent } from '../_ui/format';
import { LinePlot, type Series } from '../_ui/line-plot';
import { Marker } from '../_ui/marker';
import { valuesOf } from '../_ui/report/layers-panel';
import { ScrollArea } from '../_ui/scroll-area';
import { SetCurves } from './set-curves';

const plain = (v: number) => (v >= 10 ? String(Math.round(v)) : v.toPrecision(2));
const digits = (v: number | null | undefined) => (v === null || v === undefined ? 'not defined' : v.toPrecision(3));

const PLOTS: { title: string; of(point: ConditionPoint): number | null; log?: boolean; share?: boolean }[] = [
  { title: 'Accuracy on training images', of: (p) => p.accuracy, share: true },
  { title: 'Nearest clean centre is the true class', of: (p) => p.ncc, share: true },
  { title: 'NC1: scatter within classes', of: (p) => p.collapse.nc1, log: true },
  { title: 'NC2: angles between class means', of: (p) => p.collapse.nc2AngleMeans },
  { title: 'NC2: lengths of class means', of: (p) => p.collapse.nc2NormMeans },
  { title: 'NC3: weights against class means', of: (p) => p.collapse.nc3 },
  { title: 'NC4: disagreement with the nearest centre', of: (p) => p.collapse.nc4, share: true },
  { title: 'Angle to the clean class means, radians', of: (p) => (p.simplex ? average(p.simplex.angleCentred) : null) },
  { title: 'Leaps: nearest to the mean of class y + 1', of: (p) => p.leapt, share: true },
];

export function Curves({ epochs }: { epochs: readonly LabEpoch[] }) {
  const places = epochs.map(({ epoch }) => String(epoch));
  const by = (of: (p: ConditionPoint) => number | null): Series[] =>
    COLLAPSE_CONDITIONS.map((condition) => ({
      condition,
      values: epochs.map(({ conditions }) => {
        const point = conditions[condition];
        return point ? of(point) : null;
      }),
    }));
  const last = epochs[epochs.length - 1];
  return (
    <>
      <ul className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {COLLAPSE_CONDITIONS.map((condition) => (
          <li key={condition} className="flex items-center gap-1.5" title={CONDITIONS[condition].meaning}>
            <svg width="26" height="12" aria-hidden="true">
              <line
                x2="26"
                y1="6"
                y2="6"
                stroke={CONDITIONS[condition].colour}
                strokeWidth="2"
                strokeDasharray={CONDITIONS[condition].dash}
              />
              <Marker condition={condition} x={13} y={6} />
            </svg>
            {CONDITIONS[condition].label}
          </li>
        ))}
      </ul>
      <div className="mt-4 grid gap-6 md:grid-cols-2">
        <LinePlot
          title="Loss on the batches of each epoch, in nats"
          summary={`Mean loss by epoch; ${digits(last.loss)} after epoch ${last.epoch}.`}
          places={places}
          series={[{ condition: 'clean', values: epochs.map(({ loss }) => loss) }]}
          log
          format={plain}
        />
        {PLOTS.map(({ title, of, log, share }) => (
          <LinePlot
            key={title}
            title={title}
            summary="By epoch and kind of image; the table beneath has the numbers of the last epoch."
            places={places}
            series={by(of)}
            {...(log ? { log } : {})}
            {...(share ? { domain: [0, 1] as [number, number] } : {})}
            format={share ? (v) => `${Math.round(100 * v)} %` : plain}
          />
        ))}
      </div>
      <SetCurves epochs={epochs} />
      <Depth last={last} />
      <Table last={last} />
    </>
  );
}

const DEPTH = ['clean', 'pgd-10'] as const;

/** The last epoch along depth, where it was measured there. */
function Depth({ last: { epoch, layers } }: { last: LabEpoch }) {
  if (!layers) return null;
  const by = (key: 'nc1' | 'nccAccuracyTrain'): Series[] =>
    DEPTH.map((condition) => ({ condition, values: layers.map((layer) => valuesOf(layer, condition)?.[key] ?? null) }));
  const places = layers.map(({ name }) => name);
  const summary = `After epoch ${epoch}, clean and under PGD-10.`;
  return (
    <>
      <h3 className="mt-8 mb-3 font-medium">Along depth, after epoch {epoch}</h3>
      <div className="grid gap-6 md:grid-cols-2">
        <LinePlot title="NC1 by layer" {...{ summary, places }} series={by('nc1')} log format={plain} />
        <LinePlot
          title="Nearest clean centre is the true class, by layer"
          {...{ summary, places }}
          series={by('nccAccuracyTrain')}
          domain={[0, 1]}
          format={(v) => `${Math.round(100 * v)} %`}
        />
      </div>
    </>
  );
}

function Table({ last }: { last: LabEpoch }) {
  const rows = Object.entries(last.conditions) as [Condition, ConditionPoint][];
  return (
    <ScrollArea label={`Numbers after epoch ${last.epoch}`}>
      <table className="mt-4 w-full text-sm tabular-nums">
        <caption className="mb-1 text-left text-muted">
          After epoch {last.epoch}: {last.images} training images;{' '}
          {last.testAccuracy === undefined ? 'not run' : percent(last.testAccuracy)} % of 500 test images are named rightly.
        </caption>
        <thead>
          <tr className="border-b border-line text-left">
            {['Images', 'Accuracy %', 'Nearest centre %', 'NC1 ↓', 'NC2 angles ↓', 'NC3 ↓', 'NC4 ↓'].map((head) => (
              <th key={head} scope="col" className="py-1 pr-4 font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([condition, { accuracy, ncc, collapse }]) => (
            <tr key={condition} className="border-b border-line">
              <th scope="row" className="py-1 pr-4 text-left font-normal">
                {CONDITIONS[condition].label}
              </th>
              {[percent(accuracy), percent(ncc), ...[collapse.nc1, collapse.nc2AngleMeans, collapse.nc3, collapse.nc4].map(digits)].map(
                (text, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name and never move
                  <td key={i} className="py-1 pr-4">
                    {text}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
