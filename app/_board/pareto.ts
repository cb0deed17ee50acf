/** Points that no other beats in both directions at once, in the order of x: what the line on the scatter joins. */
export function paretoFront<P extends { x: number; y: number }>(points: readonly P[], betterX: 'up' | 'down', betterY: 'up' | 'down'): P[] {
  const [sx, sy] = [betterX === 'up' ? 1 : -1, betterY === 'up' ? 1 : -1];
  const sorted = [...points].sort((a, b) => sx * (b.x - a.x) || sy * (b.y - a.y));
  const front: P[] = [];
  for (const point of sorted) {
    const last = front[front.length - 1];
    if (!last || sy * (point.y - last.y) > 0) front.push(point);
  }
  return front.sort((a, b) => a.x - b.x);
}
