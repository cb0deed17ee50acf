/** Cosines between centred class means: at full collapse every one off the diagonal is −1/(C − 1). */
import type { Condition } from '@/lib/attacks/catalogue';
import type { Report } from '@/lib/protocol/report';
import { CONDITION_ORDER, CONDITIONS } from '../conditions';
import { SaveFigure } from '../save-figure';
import { ScrollArea } from '../scroll-area';
import { cosineHistogram, extremes, MANY_CLASSES } from './many-classes';
import { Panel } from './panel';

type Cosines = NonNullable<Report['cosines']>;

export function CosinePanel({ cosines, classNames }: { cosines: Cosines; classNames: readonly string[] }) {
  const conditions = CONDITION_ORDER.filter((c) => cosines[c as keyof Cosines]);
  const target = -1 / (classNames.length - 1);
  return (
    <Panel
      id="cosines"
      title="Angles between class means"
      lead={`Cosine of each pair of centred class means. At full collapse all of them are ${target.toFixed(3)}: as far apart as ${classNames.length} directions can be.`}
    >
      <div className="grid gap-6 sm:grid-cols-2 lg:grid-cols-3">
        {conditions.map((condition) => {
          const Picture = classNames.length > MANY_CLASSES ? Spread : Matrix;
          const values = cosines[condition as keyof Cosines] as (number | null)[][];
          return <Picture key={condition} condition={condition} values={values} names={classNames} />;
        })}
      </div>
    </Panel>
  );
}

/** −1 … 1 as a mix of two colours that stay apart for colour-blind eyes, over the page's own ground. */
function fill(value: number | null): string {
  if (value === null) return 'var(--panel)';
  const strength = Math.round(100 * Math.min(1, Math.abs(value)));
  return `color-mix(in oklab, ${value > 0 ? 'var(--c-pgd)' : 'var(--c-clean)'} ${strength}%, var(--bg))`;
}

interface PictureProps {
  condition: Condition;
  values: (number | null)[][];
  names: readonly string[];
}

const BINS = 40;

/** Thousands of pairs as a histogram, and the pairs that are closest. */
function Spread({ condition, values, names }: PictureProps) {
  const pairs = values.flatMap((row, i) => row.flatMap((v, j) => (i < j && v !== null ? [{ v, i, j }] : [])));
  const { label } = CONDITIONS[condition];
  const counts = cosineHistogram(
    pairs.map((p) => p.v),
    BINS,
  );
  const tallest = Math.max(1, ...counts);
  const mean = pairs.reduce((sum, p) => sum + p.v, 0) / pairs.length;
  const closest = extremes(
    pairs.map((p) => p.v),
    'largest',
    5,
  ).map((k) => pairs[k]);
  if (pairs.length === 0) return null;
  return (
    <figure>
      <figcaption className="mb-1 text-sm font-medium">{label}</figcaption>
      <svg
        viewBox="0 0 200 90"
        role="img"
        aria-label={`${label}: cosines of ${pairs.length} pairs of class means between −1 and 1, on average ${mean.toFixed(3)}; closest are ${names[closest[0].i]} and ${names[closest[0].j]} with ${closest[0].v.toFixed(2)}.`}
        className="w-full max-w-64 rounded border border-line text-[9px]"
      >
        {counts.map((n, bin) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: bins are their places.
            key={bin}
            x={(bin * 200) / BINS}
            y={75 - (70 * n) / tallest}
            width={200 / BINS - 0.5}
            height={(70 * n) / tallest}
            fill={bin < BINS / 2 ? 'var(--c-clean)' : 'var(--c-pgd)'}
          />
        ))}
        {[
          [4, 'start', '−1'],
          [100, 'middle', '0'],
          [196, 'end', '1'],
        ].map(([x, anchor, text]) => (
          <text key={text} x={x} y={86} textAnchor={anchor as 'start'} fill="var(--muted)">
            {text}
          </text>
        ))}
      </svg>
      <p className="mt-1 text-xs text-muted">
        {pairs.length} pairs, mean {mean.toFixed(3)}
      </p>
      <details className="mt-1 text-xs">
        <summary className="w-fit text-muted">The closest pairs</summary>
        <ol className="mt-1">
          {closest.map(({ v, i, j }) => (
            <li key={`${i} ${j}`}>
              {names[i]} and {names[j]}, {v.toFixed(2)}
            </li>
          ))}
        </ol>
      </details>
    </figure>
  );
}

function Matrix({ condition, values, names }: PictureProps) {
  const pairs = values.flatMap((row, i) => row.flatMap((v, j) => (i < j && v !== null ? [{ v, i, j }] : [])));
  const most = pairs.reduce((a, b) => (b.v > a.v ? b : a), pairs[0]);
  const size = 200;
  const cell = size / values.length;
  const { label } = CONDITIONS[condition];
  return (
    <figure>
      <figcaption className="mb-1 flex max-w-64 items-baseline justify-between text-sm font-medium">
        {label}
        <SaveFigure title={`Angles between class means, ${label}`} />
      </figcaption>
      <svg
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={`${label}: cosines of ${pairs.length} pairs of class means${most ? `; closest are ${names[most.i]} and ${names[most.j]} with ${most.v.toFixed(2)}` : ''}.`}
        className="w-full max-w-64 rounded border border-line"
      >
        {values.map((row, i) =>
          row.map((v, j) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: cells of a matrix are their places.
            <rect key={`${i} ${j}`} x={j * cell} y={i * cell} width={cell} height={cell} fill={fill(v)}>
              <title>{`${names[i]} and ${names[j]}: ${v === null ? 'not defined' : v.toFixed(3)}`}</title>
            </rect>
          )),
        )}
      </svg>
      {most ? (
        <p className="mt-1 text-xs text-muted">
          Closest: {names[most.i]} and {names[most.j]}, {most.v.toFixed(2)}
        </p>
      ) : null}
      <details className="mt-1 text-xs">
        <summary className="w-fit text-muted">As a table</summary>
        <ScrollArea label={`Cosines, ${label}`}>
          <table>
            <tbody>
              {values.map((row, i) => (
                <tr key={names[i]}>
                  <th scope="row" className="pr-2 text-left font-normal whitespace-nowrap">
                    {names[i]}
                  </th>
                  {row.map((v, j) => (
                    <td key={names[j]} className="px-1 text-right">
                      {v === null ? '–' : v.toFixed(2)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      </details>
    </figure>
  );
}
