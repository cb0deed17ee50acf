import { describe, expect, it } from 'vitest';
import { bits } from '../random';
import { draw } from '../testing/draw';
import { clipToBall, distance } from './ball';
import { type DeltaBall, fromDeltas, mostDelta, mostSquares, toDeltas, UNITS } from './deltas';
import { toPixels } from './measure';
import { outside } from './witness';

const insideBall = (deltas: Int16Array, bytes: Uint8Array, ball: DeltaBall) =>
  outside(deltas, bytes, { ...ball, epsilonLabel: String(ball.epsilon) }, [1, bytes.length, 1]) === undefined;

const bytesOf = (count: number, seed: number) =>
  Uint8Array.from(bits({ seed, tag: 900, sample: 0, split: 'test' }, count), (w) => [0, 255, w & 255][(w >>> 8) % 3]);

describe('the radii in units', () => {
  it('are those of the contract', () => {
    expect([0.1, 8 / 255, 1 / 255].map(mostDelta)).toEqual([3264, 1024, 128]);
    expect([1.5, 128 / 255].map(mostSquares)).toEqual([2397081600, 268435456]);
    expect([mostDelta(0), mostSquares(0), mostDelta(0.02)]).toEqual([0, 0, 652]);
  });
});

describe('toDeltas', () => {
  it('takes the nearest whole number, and what it stands for is back within half a unit', () => {
    const bytes = bytesOf(500, 1);
    const x = Float32Array.from(bytes, (b, i) => Math.min(1, Math.max(0, b / 255 + ((i % 13) - 6) / 100)));
    const deltas = toDeltas(x, bytes, { norm: 'linf', epsilon: 0.1 });
    fromDeltas(deltas, bytes).forEach((v, i) => {
      expect(Math.abs(v - x[i]) * UNITS).toBeLessThanOrEqual(0.5 + 1e-2); // float32 near 1 is 2e-3 units apart
    });
  });

  it('an image that nothing was done to has no deltas, and comes back to the last bit', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const deltas = toDeltas(toPixels(bytes), bytes, { norm: 'l2', epsilon: 1.5 });
    expect(deltas.every((d) => d === 0)).toBe(true);
    expect(fromDeltas(deltas, bytes)).toEqual(toPixels(bytes));
  });

  it.each([
    ['linf', 0.1, 784],
    ['linf', 8 / 255, 3072],
    ['linf', 0.02, 784],
    ['linf', 0, 30],
    ['l2', 1.5, 784],
    ['l2', 128 / 255, 3072],
    ['l2', 0.001, 3072],
    ['l2', 0, 30],
  ] as const)('stays inside a %s ball of %f, from points on its boundary and from anywhere', (norm, epsilon, size) => {
    for (let seed = 0; seed < 40; seed++) {
      const bytes = bytesOf(size, seed);
      const far = Float32Array.from(draw(size, seed + 100), (d, i) =>
        Math.min(1, Math.max(0, bytes[i] / 255 + d * (seed % 4 === 3 ? 1 : 0.3))),
      );
      const near = far.slice();
      clipToBall(near, toPixels(bytes), norm, epsilon);
      for (const x of [near, far]) {
        const deltas = toDeltas(x, bytes, { norm, epsilon });
        expect(insideBall(deltas, bytes, { norm, epsilon })).toBe(true);
      }
      // A point of the ball is kept: it loses no more than rounding takes.
      const stored = distance(fromDeltas(toDeltas(near, bytes, { norm, epsilon }), bytes), toPixels(bytes));
      const was = distance(near, toPixels(bytes));
      expect(stored[norm]).toBeGreaterThan(was[norm] - (norm === 'linf' ? 1 : Math.sqrt(size)) / UNITS);
    }
  });
});

describe('box and ball', () => {
  const bytes = Uint8Array.of(0, 255, 100);
  it.each([
    ['below black', [-1, 0, 0], false],
    ['above white', [0, 1, 0], false],
    ['on the boundary', [0, 0, 3264], true],
    ['one unit beyond it', [0, 0, -3265], false],
  ])('%s', (_, deltas, inside) => {
    expect(insideBall(Int16Array.from(deltas), bytes, { norm: 'linf', epsilon: 0.1 })).toBe(inside);
  });

  it('adds up squares exactly in L2', () => {
    const ball = { norm: 'l2', epsilon: 5 / UNITS } as const;
    expect(insideBall(Int16Array.of(3, 0, 4), bytes, ball)).toBe(true);
    expect(insideBall(Int16Array.of(3, -1, 4), bytes, ball)).toBe(false);
  });
});
