import { symbol } from 'd3-shape';
import { expect, it } from 'vitest';
import { CONDITIONS } from '../conditions';
import { apart, relativeMark } from './marks';

/** Corners that a relative path of m, l, h and v passes, from (0, 0). */
function corners(path: string): number[][] {
  let [x, y] = [0, 0];
  return [...path.matchAll(/([mlhv])(-?[\d.]+)(?:,(-?[\d.]+))?/g)].map(([, command, first, second]) => {
    if (command === 'v') y += Number(first);
    else {
      x += Number(first);
      y += command === 'h' ? 0 : Number(second);
    }
    return [x, y];
  });
}

it.each(['pgd-10', 'targeted', 'sign', 'pgd-margin'] as const)('the mark of %s passes the corners of its symbol', (condition) => {
  const expected = [...(symbol(CONDITIONS[condition].symbol, 22)() ?? '').matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map((m) => [
    Number(m[1]),
    Number(m[2]),
  ]);
  const found = corners(relativeMark(condition));
  expect(found).toHaveLength(expected.length);
  found.flat().forEach((v, i) => {
    expect(v).toBeCloseTo(expected.flat()[i], 2);
  });
});

it('a square has four corners about the place', () => {
  const found = corners(relativeMark('gaussian'));
  expect(found).toHaveLength(4);
  for (const k of [0, 1]) expect(found.reduce((sum, c) => sum + c[k], 0)).toBeCloseTo(0, 2);
});

it('names that would cover each other are moved down, and the others stay', () => {
  expect(apart([50, 10, 52, 100, 53], 14)).toEqual([50, 10, 64, 100, 78]);
});
