import { symbol } from 'd3-shape';
import type { Condition } from '@/lib/attacks/catalogue';
import { CONDITIONS } from './conditions';

/** The condition's shape in its colour, centred on (x, y) of an SVG. */
export function Marker({ condition, x, y, size = 48 }: { condition: Condition; x: number; y: number; size?: number }) {
  const { colour, symbol: type } = CONDITIONS[condition];
  return <path transform={`translate(${x},${y})`} d={symbol(type, size)() ?? ''} fill={colour} stroke="var(--bg)" strokeWidth="1" />;
}

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
