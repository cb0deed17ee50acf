import { describe, expect, it } from 'vitest';
import { bits, standardNormal, uniform01 } from '../random';
import { clipToBall, distance } from './ball';
import { BOARDS } from './boards';
import { toPixels } from './measure';

/** A finite float as a whole number of 2⁻²⁰⁰: sums and comparisons without rounding. */
function exact(v: number): bigint {
  let scaled = Math.abs(v);
  let shift = 200;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift--;
  }
  const whole = BigInt(scaled) << BigInt(shift);
  return v < 0 ? -whole : whole;
}
const abs = (v: bigint) => (v < 0n ? -v : v);
const inside = (x: number, x0: number, epsilon: number) => abs(exact(x) - exact(x0)) <= exact(epsilon) && x >= 0 && x <= 1;

/** The float32 next to v in the direction of +1 or −1. */
function neighbour(v: number, direction: 1 | -1): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, v);
  view.setInt32(0, view.getInt32(0) + direction);
  return view.getFloat32(0);
}

const stream = (seed: number) => ({ seed, tag: 1, sample: 0, split: 'test' as const });
const epsilons = [0.1, 8 / 255, 1 / 255, 0.3, 1];

describe('the L∞ clip', () => {
  it.each(epsilons)('holds in real arithmetic for every byte, and reaches as far as a float32 can (ε = %f)', (epsilon) => {
    const x0 = toPixels(Uint8Array.from({ length: 256 }, (_, i) => i));
    for (const [far, direction] of [
      [2, 1],
      [-1, -1],
      [Number.POSITIVE_INFINITY, 1],
      [Number.NEGATIVE_INFINITY, -1],
    ] as const) {
      const x = new Float32Array(256).fill(far);
      clipToBall(x, x0, 'linf', epsilon);
      x.forEach((v, i) => {
        expect(inside(v, x0[i], epsilon), `byte ${i}`).toBe(true);
        if (v > 0 && v < 1) expect(inside(neighbour(v, direction), x0[i], epsilon), `the float after it, byte ${i}`).toBe(false);
      });
    }
  });

  it('holds for pixels and points of any float32, and leaves alone what is inside', () => {
    const count = 20000;
    const x0 = Float32Array.from(uniform01(stream(1), count));
    const wild = Float32Array.from(standardNormal(stream(2), count), (v, i) => x0[i] + v * 0.1);
    for (const epsilon of epsilons) {
      const x = wild.slice();
      clipToBall(x, x0, 'linf', epsilon);
      let moved = 0;
      for (let i = 0; i < count; i++) {
        if (!inside(x[i], x0[i], epsilon)) expect.fail(`pixel ${i}: ${x[i]} is outside of ${x0[i]} ± ${epsilon}`);
        if (!inside(wild[i], x0[i], epsilon)) moved++;
        else if (x[i] !== wild[i]) expect.fail(`pixel ${i} was inside and has been moved`);
      }
      expect(moved).toBeGreaterThan(0);
      const again = x.slice();
      clipToBall(again, x0, 'linf', epsilon);
      expect(again).toEqual(x);
    }
  });
});

describe('the L2 clip', () => {
  it.each([1.5, 128 / 255, 1e-3])('brings any point into the ball and the box, along the line to the image (ε = %f)', (epsilon) => {
    for (let seed = 0; seed < 100; seed++) {
      const size = 1 + (bits(stream(seed), 1)[0] % 800);
      const x0 = toPixels(Uint8Array.from(bits(stream(seed + 1000), size), (w) => w & 255));
      const scale = 10 ** -(seed % 5);
      const x = Float32Array.from(standardNormal(stream(seed + 2000), size), (v, i) => x0[i] + v * scale);
      const before = x.slice();
      clipToBall(x, x0, 'l2', epsilon);
      const { l2 } = distance(x, x0);
      expect(l2).toBeLessThanOrEqual(epsilon);
      expect(x.every((v) => v >= 0 && v <= 1)).toBe(true);
      if (distance(before, x0).l2 <= epsilon) expect(x).toEqual(before.map((v) => Math.min(1, Math.max(0, v))));
    }
  });

  it('stays close to the surface where the box does not cut', () => {
    const x0 = new Float32Array(100).fill(0.5);
    const x = Float32Array.from(standardNormal(stream(7), 100), (v) => 0.5 + v);
    clipToBall(x, x0, 'l2', 0.4);
    const { l2 } = distance(x, x0);
    expect(l2).toBeGreaterThan(0.4 * (1 - 1e-6));
    expect(l2).toBeLessThanOrEqual(0.4);
  });

  it('gives up to the image itself where no other float32 lies in the ball', () => {
    const x0 = new Float32Array(4).fill(0.9);
    const x = new Float32Array(4).fill(0.1);
    clipToBall(x, x0, 'l2', 1e-8);
    expect(distance(x, x0).l2).toBeLessThanOrEqual(1e-8);
  });
});

it.each(['linf', 'l2', null] as const)('NaN stays NaN under %s, so that it is noticed', (norm) => {
  const x = Float32Array.of(0.2, Number.NaN, 0.4);
  clipToBall(x, Float32Array.of(0.2, 0.3, 0.4), norm, 0.1);
  expect(x[1]).toBeNaN();
  expect(distance(x, Float32Array.of(0.2, 0.3, 0.4)).linf).toBeNaN();
});

it('without a norm only the box counts', () => {
  const x = Float32Array.of(-0.5, 0.25, 1.5);
  clipToBall(x, Float32Array.of(0, 0, 0), null, 0);
  expect([...x]).toEqual([0, 0.25, 1]);
});

it('measures both norms in float64', () => {
  expect(distance(Float32Array.of(0.25, 1, 0), Float32Array.of(1, 1, 1))).toEqual({ linf: 1, l2: 1.25 });
  expect(distance(new Float32Array(0), new Float32Array(0))).toEqual({ linf: 0, l2: 0 });
});

it('keeps the balls of the published boards in the units of a witness: ε is a whole number of 1/32 640', () => {
  const whole = (v: number) => Math.round(v * 32640);
  expect(whole(BOARDS.get('fashion-mnist/linf')?.epsilon as number)).toBe(3264);
  expect(whole(BOARDS.get('cifar-10/linf')?.epsilon as number)).toBe(1024);
});
