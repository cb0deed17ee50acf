import { expect, it } from 'vitest';
import { along, shapesOf } from './shapes';

const means = {
  classes: 3,
  dim: 2,
  counts: Float64Array.from([1, 1, 1]),
  means: Float64Array.from([0, 2, -Math.sqrt(3), -1, Math.sqrt(3), -1]),
  global: new Float64Array(2),
  complete: true,
};
const drawing = { means, labels: Uint8Array.from([0, 1, 2]), classNames: ['a', 'b', 'c'] };
const clean = Float32Array.from([0, 2, -1.7, -1, 1.7, -1]);

it('three classes are an exact triangle, and what moves keeps its distances', () => {
  const shapes = shapesOf(drawing, [0, 1, 2]);
  expect([shapes.axes, shapes.explained]).toEqual([2, expect.closeTo(1, 9)]);
  const shape = shapes.of([clean, Float32Array.from([0, 4, 0, 0, 0, 0])]);
  expect(shape.reach).toBeCloseTo(4, 9);
  expect(shape.images).toEqual([0, 1, 2]);
  const [a, b] = [shape.means.subarray(0, 2), shape.means.subarray(2, 4)];
  expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeCloseTo(2 * Math.sqrt(3), 9);
});

it('of fewer images than there are labels the first are drawn, of the chosen classes alone', () => {
  const shape = shapesOf(drawing, [1, 2]).of([clean, clean.subarray(0, 4)]);
  expect(shape.images).toEqual([1]);
  expect(shape.names).toEqual(['b', 'c']);
  expect(shape.owners).toEqual([0]);
  expect(shape.stops.map((s) => s.length)).toEqual([1, 1]);
});

it('a share of the way lies between two stops', () => {
  const stops = [0, 1, 10].map((v) => Float64Array.from([v]));
  expect([0, 0.25, 0.5, 0.75, 1].map((share) => along(stops, share)[0])).toEqual([0, 0.5, 1, 5.5, 10]);
});
