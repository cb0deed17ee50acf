/** Any two columns against each other: one mark for each model, and the Pareto line of what no other beats in both. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { BoardPoint } from '@/db/queries/board';
import { Figure } from '../_ui/figure';
import { tick } from '../_ui/format';
import { logTicks } from '../_ui/log-ticks';
import type { Column } from './columns';
import { paretoFront } from './pareto';

interface Props {
  points: BoardPoint[];
  /** Tier by version, of what is ranked. */
  tiers: ReadonlyMap<string, number>;
  x: Column;
  y: Column;
}

/** Not an image: its marks are links. */
const GROUP = 'group';
const HEIGHT = 360;
const MARGIN = { top: 14, right: 18, bottom: 44, left: 58 };
/** Beyond this many, names and numbers would cover each other, and nobody wants to tab through all of them. */
const FEW = 12;
const MANY = 60;
const TIER_COLOURS = 5;
const tierColour = (tier: number) => `var(--tier-${Math.min(tier, TIER_COLOURS)})`;

export function Scatter({ points: all, tiers, x, y }: Props) {
  const points = all.flatMap((p) => {
    const drawable = (v: number | null, column: Column): v is number => v !== null && (!column.log || v > 0);
    return drawable(p.x, x) && drawable(p.y, y) ? [{ ...p, x: p.x, y: p.y, tier: tiers.get(p.versionId) }] : [];
  });
  const title = `${y.label} against ${x.label}`;
  if (points.length === 0)
    return (
      <p className="text-sm text-muted">
        No row has both {x.label} and {y.label} yet.
      </p>
    );
  return (
    <>
      <Figure title={title} draw={(width) => <Drawing points={points} x={x} y={y} width={width} />} />
      <Legend tiers={points.flatMap((p) => p.tier ?? [])} unranked={points.some((p) => !p.ranked)} />
    </>
  );
}

function Legend({ tiers, unranked }: { tiers: number[]; unranked: boolean }) {
  const shown = [...new Set(tiers.map((t) => Math.min(t, TIER_COLOURS)))].sort((a, b) => a - b);
  const last = shown.length > 0 && Math.max(...tiers) > TIER_COLOURS;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted" aria-label="Marks">
      {shown.map((tier) => (
        <li key={tier} className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="size-3 rounded-full" style={{ background: tierColour(tier) }} />
          tier {tier}
          {last && tier === TIER_COLOURS ? ' and below' : ''}
        </li>
      ))}
      {unranked ? (
        <li className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="size-3 rounded-full border-2 border-muted" />
          not ranked
        </li>
      ) : null}
      <li className="inline-flex items-center gap-1.5">
        <span aria-hidden="true" className="w-5 border-t-2 border-dashed border-accent" />
        no other beats these in both
      </li>
    </ul>
  );
}

interface Point extends BoardPoint {
  x: number;
  y: number;
  tier: number | undefined;
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
      aria-label={`${y.label} against ${x.label} of ${points.length} models; the table holds the numbers. On the Pareto line: ${front.map((p) => p.name).join(', ') || 'none'}.`}
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
      {points.map((p) => (
        <Mark
          key={p.versionId}
          point={p}
          of={points.length}
          {...place(p)}
          width={width}
          values={`${x.label} ${across.words(p.x)}, ${y.label} ${up.words(p.y)}`}
        />
      ))}
    </svg>
  );
}

interface MarkProps {
  point: Point;
  of: number;
  left: number;
  top: number;
  width: number;
  values: string;
}

function Mark({ point, of, left, top, width, values }: MarkProps) {
  const { slug, name, version, tier, ranked } = point;
  const colour = tier === undefined ? (ranked ? 'var(--accent)' : 'var(--muted)') : tierColour(tier);
  const where = tier === undefined ? (ranked ? '' : ' (not ranked)') : `, tier ${tier}`;
  const right = left > width * 0.7;
  // What is written on and beside a mark is not part of its link, which has a longer name.
  return (
    <g>
      <a href={`/models/${slug}?version=${version}`} aria-label={`${name}: ${values}${where}`} {...(of > MANY ? { tabIndex: -1 } : {})}>
        <circle cx={left} cy={top} r={of > MANY ? 4 : 7} fill={ranked ? colour : 'var(--bg)'} stroke={colour} strokeWidth="1.8">
          <title>{`${name}: ${values}${where}`}</title>
        </circle>
      </a>
      {tier !== undefined && of <= MANY ? (
        <text x={left} y={top} dy="0.35em" textAnchor="middle" fontSize="9" fontWeight="600" fill="var(--bg)" pointerEvents="none">
          {tier}
        </text>
      ) : null}
      {of <= FEW ? (
        <text x={left + (right ? -11 : 11)} y={top} dy="0.32em" textAnchor={right ? 'end' : 'start'} fill="var(--fg)" pointerEvents="none">
          {name}
        </text>
      ) : null}
    </g>
  );
}
