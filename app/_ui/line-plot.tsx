/** Lines over an ordered list of places (layers), one per condition. Plain SVG, no client code. */
import { scaleLinear, scaleLog, scalePoint } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Condition } from '@/lib/attacks/catalogue';
import { CONDITIONS } from './conditions';
import { Figure } from './figure';
import { logTicks } from './log-ticks';
import { Markers } from './marker';

export interface Series {
  condition: Condition;
  values: (number | null)[];
  /** Least and most at each place, drawn as a band. */
  range?: ([number, number] | null)[];
}

interface Props {
  title: string;
  /** What the plot shows, in a sentence, for those who do not see it. */
  summary: string;
  places: string[];
  /** Where each place lies, rising; side by side by default. */
  at?: number[];
  series: Series[];
  log?: boolean;
  format: (value: number) => string;
  domain?: [number, number];
}

const HEIGHT = 250;
const MARGIN = { top: 12, right: 14, bottom: 54, left: 48 };

export function LinePlot(props: Props) {
  return <Figure title={props.title} draw={(width) => <Drawing {...props} width={width} />} />;
}

function Drawing({ title, summary, places, at, series, log = false, format, domain, width }: Props & { width: number }) {
  const all = series
    .flatMap((s) => [...s.values, ...(s.range ?? []).flatMap((r) => r ?? [])])
    .filter((v): v is number => v !== null && (!log || v > 0));
  if (all.length === 0) return null;
  const extent = domain ?? [Math.min(...all), Math.max(...all)];
  const y = (log ? scaleLog() : scaleLinear())
    .domain(extent)
    .nice()
    .range([HEIGHT - MARGIN.bottom, MARGIN.top]);
  const side = scalePoint(places, [MARGIN.left, width - MARGIN.right]).padding(0.3);
  const along = scaleLinear(at ? [at[0], at[at.length - 1]] : [0, 1], [MARGIN.left + 10, width - MARGIN.right - 6]);
  const place = (i: number) => (at ? along(at[i]) : (side(places[i]) ?? 0));
  const drawable = (v: number | null): v is number => v !== null && (!log || v > 0);
  const path = line<number | null>()
    .defined(drawable)
    .x((_, i) => place(i))
    .y((v) => y(v as number));
  const band = area<[number, number] | null>()
    .defined((r) => r?.every(drawable) ?? false)
    .x((_, i) => place(i))
    .y0((r) => y(r?.[0] ?? 0))
    .y1((r) => y(r?.[1] ?? 0));
  return (
    <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${title}. ${summary}`} className="w-full text-[11px]">
      {(log ? logTicks(y.domain()) : y.ticks(5)).map((tick) => (
        <g key={tick} transform={`translate(0,${y(tick)})`}>
          <line x1={MARGIN.left} x2={width - MARGIN.right} stroke="var(--line)" />
          <text x={MARGIN.left - 6} dy="0.32em" textAnchor="end" fill="var(--muted)">
            {format(tick)}
          </text>
        </g>
      ))}
      {places.map((name, i) => (
        <text
          key={name}
          transform={`translate(${place(i)},${HEIGHT - MARGIN.bottom + 12}) rotate(-40)`}
          textAnchor="end"
          dy="0.32em"
          fill="var(--muted)"
        >
          {name}
        </text>
      ))}
      {series.map(({ condition, values, range }) => (
        <g key={condition}>
          {range ? <path d={band(range) ?? ''} fill={CONDITIONS[condition].colour} fillOpacity="0.15" /> : null}
          <path
            d={path(values) ?? ''}
            fill="none"
            stroke={CONDITIONS[condition].colour}
            strokeWidth="1.8"
            strokeDasharray={CONDITIONS[condition].dash}
          />
          <Markers
            condition={condition}
            points={values.flatMap((v, i): [number, number][] => (drawable(v) ? [[place(i), y(v)]] : []))}
            size={36}
          />
        </g>
      ))}
    </svg>
  );
}
