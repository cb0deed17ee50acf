/** Marks as relative paths, so that one path element holds hundreds of them: `M x,y` and then the mark. */
import { symbol } from 'd3-shape';
import type { Condition } from '@/lib/attacks/catalogue';
import { CONDITIONS } from '../conditions';

/** A clean feature: a circle of radius 2 about the place. */
export const DOT = 'm-2,0a2,2 0 1,0 4,0a2,2 0 1,0 -4,0';

const AREA = 22;

/** The condition's shape about the place. */
export function relativeMark(condition: Condition): string {
  const path = symbol(CONDITIONS[condition].symbol, AREA)() ?? '';
  const corners = [...path.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  // d3 draws squares by relative sides already, circles by arcs.
  if (/[hva]/i.test(path)) return path.replace('M', 'm').replace('Z', 'z');
  const steps = corners.map(([x, y], i) => {
    const [px, py] = i === 0 ? [0, 0] : corners[i - 1];
    return `${i === 0 ? 'm' : 'l'}${Number((x - px).toFixed(3))},${Number((y - py).toFixed(3))}`;
  });
  return `${steps.join('')}z`;
}

/** Heights of names beside their marks, moved down where two would cover each other; in the order given. */
export function apart(heights: readonly number[], line: number): number[] {
  const moved = [...heights];
  let last = -Infinity;
  for (const i of heights.map((_, k) => k).sort((a, b) => heights[a] - heights[b])) {
    moved[i] = Math.max(heights[i], last + line);
    last = moved[i];
  }
  return moved;
}
