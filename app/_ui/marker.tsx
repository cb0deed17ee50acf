import { symbol } from 'd3-shape';
import type { Condition } from '@/lib/attacks/catalogue';
import { CONDITIONS } from './conditions';

/** The condition's shape in its colour, centred on each point of an SVG. */
export function Markers({
  condition,
  points,
  size = 48,
}: {
  condition: Condition;
  points: readonly [x: number, y: number][];
  size?: number;
}) {
  const { colour, symbol: type } = CONDITIONS[condition];
  const shape = symbol(type, size)() ?? '';
  // A page of curves has thousands of them: what they share stands once, and a hundredth of a pixel is enough.
  return (
    <g fill={colour} stroke="var(--bg)" strokeWidth="1">
      {points.map(([x, y]) => (
        <path key={`${x} ${y}`} transform={`translate(${Number(x.toFixed(2))},${Number(y.toFixed(2))})`} d={shape} />
      ))}
    </g>
  );
}
export const Marker = ({ condition, x, y, size }: { condition: Condition; x: number; y: number; size?: number }) => (
  <Markers condition={condition} points={[[x, y]]} {...(size === undefined ? {} : { size })} />
);

/** Shape and word, for legends and row heads. */
export function ConditionName({ condition }: { condition: Condition }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
        <Marker condition={condition} x={0} y={0} />
      </svg>
      <abbr title={CONDITIONS[condition].meaning}>{CONDITIONS[condition].label}</abbr>
    </span>
  );
}
