import { expect, it } from 'vitest';
import { paretoFront } from './pareto';

const points = [
  { x: 1, y: 9 },
  { x: 2, y: 5 },
  { x: 3, y: 7 },
  { x: 4, y: 1 },
  { x: 4, y: 2 },
];

it('keeps what no other beats in both, whichever way is better', () => {
  expect(paretoFront(points, 'up', 'up')).toEqual([points[0], points[2], points[4]]);
  expect(paretoFront(points, 'down', 'down')).toEqual([points[0], points[1], points[3]]);
  expect(paretoFront(points, 'up', 'down')).toEqual([points[3]]);
  expect(paretoFront([], 'up', 'up')).toEqual([]);
});

it('of equal points it keeps one', () => {
  expect(paretoFront([points[0], { ...points[0] }], 'up', 'up')).toHaveLength(1);
});
