/** Any two columns against each other: one mark for each model, and the Pareto line of what no other beats in both. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { BoardRow } from '@/db/queries/board';
import { Figure } from '../_ui/figure';
import { tick } from '../_ui/format';
import { logTicks } from '../_ui/log-ticks';
import type { Column } from './columns';
import { paretoFront } from './pareto';

interface Props {
  rows: BoardRow[];
  x: Column;
  y: Column;
}

/** Not an image: its marks are links. */
const GROUP = 'group';
const HEIGHT = 360;
const MARGIN = { top: 14, right: 18, bottom: 44, left: 58 };

export function Scatter({ rows, x, y }: Props) {
  const points = rows.flatMap((row) => {
    const [px, py] = [x.value(row), y.value(row)];
    const drawable = (v: number | null, column: Column): v is number => v !== null && (!column.log || v > 0);
    return drawable(px, x) && drawable(py, y) ? [{ row, x: px, y: py }] : [];
  });
  const title = `${y.label} against ${x.label}`;
  if (points.length === 0)
    return (
      <p className="text-sm text-muted">
        No row has both {x.label} and {y.label} yet.
      </p>
    );
  return <Figure title={title} draw={(width) => <Drawing points={points} x={x} y={y} width={width} />} />;
}

interface Point {
  row: BoardRow;
  x: number;
  y: number;
}

function axis(column: Column, values: number[], range: [number, number]) {
  const share = column.kind === 'share' || column.id === 'nc4';
  const domain: [number, number] = share ? [0, 1] : column.kind === 'score' ? [0, 100] : [Math.min(...values), Math.max(...values)];
  const pad: [number, number] = domain[0] === domain[1] ? [domain[0] * 0.5, domain[1] * 1.5 || 1] : domain;
  const scale = (column.log ? scaleLog() : scaleLinear()).domain(pad).nice().range(range);
  const ticks = column.log ? logTicks(scale.domain()) : scale.ticks(5);
  const words = (v: number) =>
    column.kind === 'share' ? `${Math.round(100 * v)}` : column.kind === 'date' ? new Date(v).toISOString().slice(0, 10) : tick(v);
  return { scale, ticks, words };
}

function Drawing({ points, x, y, width }: { points: Point[]; x: Column; y: Column; width: number }) {
  const across = axis(
    x,
    points.map((p) => p.x),
    [MARGIN.left, width - MARGIN.right],
  );
  const up = axis(
    y,
    points.map((p) => p.y),
    [HEIGHT - MARGIN.bottom, MARGIN.top],
  );
  const front = x.better && y.better ? paretoFront(points, x.better, y.better) : [];
  const place = (p: Point) => ({ left: across.scale(p.x), top: up.scale(p.y) });
  const unit = (column: Column) =>
    `${column.label}${column.kind === 'share' ? ', %' : ''}${column.better ? (column.better === 'up' ? ' ↑' : ' ↓') : ''}`;
  return (
    <svg
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role={GROUP}
      aria-label={`${y.label} against ${x.label} of ${points.length} models; the table holds the numbers. On the Pareto line: ${front.map((p) => p.row.name).join(', ') || 'none'}.`}
      className="w-full text-[11px]"
    >
      {up.ticks.map((t) => (
        <g key={t} transform={`translate(0,${up.scale(t)})`}>
          <line x1={MARGIN.left} x2={width - MARGIN.right} stroke="var(--line)" />
          <text x={MARGIN.left - 6} dy="0.32em" textAnchor="end" fill="var(--muted)">
            {up.words(t)}
          </text>
        </g>
      ))}
      {across.ticks.map((t) => (
        <g key={t} transform={`translate(${across.scale(t)},0)`}>
          <line y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} stroke="var(--line)" />
          <text y={HEIGHT - MARGIN.bottom + 15} textAnchor="middle" fill="var(--muted)">
            {across.words(t)}
          </text>
        </g>
      ))}
      <text x={(MARGIN.left + width - MARGIN.right) / 2} y={HEIGHT - 8} textAnchor="middle" fill="var(--fg)">
        {unit(x)}
      </text>
      <text transform={`translate(14,${(MARGIN.top + HEIGHT - MARGIN.bottom) / 2}) rotate(-90)`} textAnchor="middle" fill="var(--fg)">
        {unit(y)}
      </text>
      {front.length > 1 ? (
        <polyline
          points={front.map((p) => `${place(p).left},${place(p).top}`).join(' ')}
          fill="none"
          stroke="var(--accent)"
          strokeWidth="1.5"
          strokeDasharray="4 3"
        />
      ) : null}
      {points.map((p) => {
        const { left, top } = place(p);
        const ranked = p.row.rankings.length > 0;
        return (
          <a key={p.row.versionId} href={`/models/${p.row.slug}`} aria-label={p.row.name}>
            <circle cx={left} cy={top} r="5.5" fill={ranked ? 'var(--accent)' : 'var(--bg)'} stroke="var(--accent)" strokeWidth="1.8">
              <title>{`${p.row.name}: ${x.label} ${across.words(p.x)}, ${y.label} ${up.words(p.y)}${ranked ? '' : ' (not ranked)'}`}</title>
            </circle>
            {points.length <= 12 ? (
              <text
                x={left + (left > width * 0.7 ? -9 : 9)}
                y={top}
                dy="0.32em"
                textAnchor={left > width * 0.7 ? 'end' : 'start'}
                fill="var(--fg)"
              >
                {p.row.name}
              </text>
            ) : null}
          </a>
        );
      })}
    </svg>
  );
}
