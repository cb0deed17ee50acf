/** Rows of dots on one axis: each row a thing (metric, class), each dot a condition. Plain SVG; a table holds the numbers. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Condition } from '@/lib/attacks/catalogue';
import { Figure } from './figure';
import { logTicks } from './log-ticks';
import { Marker } from './marker';

export interface DotRow {
  label: string;
  dots: { condition: Condition; value: number | null }[];
}

interface Props {
  title: string;
  summary: string;
  rows: DotRow[];
  log?: boolean;
  domain?: [number, number];
  format: (value: number) => string;
}

const ROW = 22;
const MARGIN = { top: 8, right: 16, bottom: 30, left: 112 };

export function DotPlot(props: Props) {
  return <Figure title={props.title} className="max-w-2xl" draw={(width) => <Drawing {...props} width={width} />} />;
}

function Drawing({ title, summary, rows, log = false, domain, format, width }: Props & { width: number }) {
  const drawable = (v: number | null): v is number => v !== null && (!log || v > 0);
  const all = rows.flatMap((r) => r.dots.map((d) => d.value)).filter(drawable);
  if (all.length === 0) return null;
  const height = MARGIN.top + rows.length * ROW + MARGIN.bottom;
  const extent = domain ?? [Math.min(...all), Math.max(...all)];
  const x = (log ? scaleLog() : scaleLinear())
    .domain(extent)
    .nice()
    .range([MARGIN.left, width - MARGIN.right]);
  const rowY = (i: number) => MARGIN.top + (i + 0.5) * ROW;
  const floor = height - MARGIN.bottom;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}. ${summary}`} className="w-full text-[11px]">
      {(log ? logTicks(x.domain()) : x.ticks(width / 90)).map((tick) => (
        <g key={tick} transform={`translate(${x(tick)},0)`}>
          <line y1={MARGIN.top} y2={floor} stroke="var(--line)" />
          <text y={floor + 14} textAnchor="middle" fill="var(--muted)">
            {format(tick)}
          </text>
        </g>
      ))}
      {rows.map((row, i) => (
        <g key={row.label}>
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={rowY(i)} y2={rowY(i)} stroke="var(--line)" strokeDasharray="1 3" />
          <text x={MARGIN.left - 8} y={rowY(i)} dy="0.32em" textAnchor="end" fill="var(--fg)">
            {row.label}
          </text>
          {row.dots.map(({ condition, value }) =>
            drawable(value) ? <Marker key={condition} condition={condition} x={x(value)} y={rowY(i)} /> : null,
          )}
        </g>
      ))}
    </svg>
  );
}
