import { describe, expect, it } from 'vitest';
import { maxDifference } from '../testing/backends';
import { draw } from '../testing/draw';
import units from '../testing/fixtures/units.json';
import { l2Norm } from './host-ball';
import { bump, doubleBump } from './square-bump';
import { addSquare, moveMass, startWords, stepWords, stripes, tiles } from './square-moves';
import { squareShare, squareSide } from './square-schedule';

const known = units.square;

describe('the schedule of Square', () => {
  it('halves the share and rounds the side as the reference does', () => {
    expect(known.iterations.map(squareShare)).toEqual(known.p_no_rescale);
    expect(known.iterations.map((i) => squareSide('linf', i, 28, 28))).toEqual(known.side_28_no_rescale);
    expect(known.iterations.map((i) => squareSide('linf', i, 32, 32))).toEqual(known.side_32_no_rescale);
  });

  it('L2 sides are odd and at least 3, but never larger than the image', () => {
    expect([0, 11, 51, 4999].map((i) => squareSide('l2', i, 28, 28))).toEqual([25, 19, 13, 3]);
    expect([squareSide('l2', 0, 2, 9), squareSide('linf', 0, 1, 1)]).toEqual([2, 1]);
  });
});

describe('the shape of an L2 square', () => {
  it.each(Object.entries(known.eta_rectangles_l2))('%s is the reference’s', (name, rows) => {
    const [height, width] = name.split('x').map(Number);
    expect(maxDifference(bump(height, width), (rows as number[][]).flat())).toBeLessThan(1e-6);
  });

  it.each([1, 2, 3, 6, 25])('of side %d has norm 1', (side) => {
    expect(l2Norm(doubleBump(side))).toBeCloseTo(1, 12);
  });
});

describe('proposals', () => {
  const frame = { height: 9, width: 7, channels: 3 };
  const size = 9 * 7 * 3;

  it('L∞ begins with vertical stripes of ±ε', () => {
    const delta = new Float64Array(size);
    stripes(delta, frame, 0.1, startWords(1, 5, 'test'));
    delta.forEach((v, i) => {
      expect(Math.abs(v)).toBe(0.1);
      expect(v).toBe(delta[i % (7 * 3)]);
    });
    expect(new Set(delta).size).toBe(2);
  });

  it('L∞ changes one square by ±2ε, the same in a channel', () => {
    const places = new Set<number>();
    for (let query = 0; query < 30; query++) {
      const x = new Float64Array(size);
      addSquare(x, frame, 4, 0.1, stepWords(1, 5, 'test', query));
      const changed = [...x.keys()].filter((i) => x[i] !== 0);
      expect(changed.length).toBe(4 * 4 * 3);
      for (let c = 0; c < 3; c++) expect(new Set(changed.filter((i) => i % 3 === c).map((i) => x[i])).size).toBe(1);
      places.add(changed[0]);
    }
    expect(places.size).toBeGreaterThan(5);
  });

  it('L2 begins with tiles and only ever moves what the ball holds: a proposal is no longer than ε before it is scaled', () => {
    const delta = new Float64Array(size);
    tiles(delta, frame, startWords(1, 5, 'test'));
    expect(l2Norm(delta)).toBeGreaterThan(0);
    const scale = 0.5 / l2Norm(delta);
    for (let i = 0; i < size; i++) delta[i] *= scale;
    for (let query = 0; query < 50; query++) {
      moveMass(delta, frame, 3, 0.5, stepWords(1, 5, 'test', query));
      expect(l2Norm(delta)).toBeLessThanOrEqual(0.5 + 1e-9);
      expect(delta.every(Number.isFinite)).toBe(true);
    }
  });

  it('L2 moves mass as its definition says, wherever the two windows lie', () => {
    const delta = draw(size, 3, -0.1, 0.1);
    let overlapping = 0;
    for (let query = 0; query < 40; query++) {
      const words = stepWords(1, 5, 'test', query);
      const [side, epsilon] = [query % 2 ? 5 : 3, 1.5];
      const placesOf = (first: number) => {
        const [top, left] = [words.below(first, frame.height - side), words.below(first + 1, frame.width - side)];
        return Array.from({ length: side * side }, (_, k) => (top + Math.floor(k / side)) * frame.width + left + (k % side));
      };
      const [to, from] = [placesOf(0), placesOf(2)];
      const given = from.filter((place) => !to.includes(place));
      if (given.length < from.length) overlapping++;
      const shape = doubleBump(side);
      const expected = Float64Array.from(delta);
      const free = Math.max(0, epsilon ** 2 - l2Norm(delta) ** 2) / frame.channels;
      for (let c = 0; c < frame.channels; c++) {
        const at = (place: number) => place * frame.channels + c;
        const mass = [...to, ...given].reduce((sum, place) => sum + delta[at(place)] ** 2, free);
        const own = l2Norm(to.map((place) => delta[at(place)]));
        const next = to.map((place, k) => {
          const turned = words.sign(4) > 0 ? (k % side) * side + Math.floor(k / side) : k;
          return words.sign(5 + c) * shape[turned] + delta[at(place)] / own;
        });
        for (const place of given) expected[at(place)] = 0;
        to.forEach((place, k) => {
          expected[at(place)] = (next[k] / l2Norm(next)) * Math.sqrt(mass);
        });
      }
      const moved = Float64Array.from(delta);
      moveMass(moved, frame, side, epsilon, stepWords(1, 5, 'test', query));
      expect(maxDifference(moved, expected)).toBeLessThan(1e-9);
    }
    expect(overlapping).toBeGreaterThan(5);
    expect(overlapping).toBeLessThan(40);
  });

  it('another sample, query or seed draws other words; the same one the same', () => {
    const first = (...[seed, sample, query]: [number, number, number]) => stepWords(seed, sample, 'test', query).at(0);
    expect(first(1, 2, 3)).toBe(first(1, 2, 3));
    expect(new Set([first(1, 2, 3), first(2, 2, 3), first(1, 3, 3), first(1, 2, 4)]).size).toBe(4);
  });
});
