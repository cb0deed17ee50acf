import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { crossEntropyGrad } from '../engine/kernels/loss-grad';
import { CountedNetwork } from '../model/counting';
import { maxDifference, onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import units from '../testing/fixtures/units.json';
import { linearNetwork } from '../testing/linear-network';
import type { Attack, AttackBatch, Threat } from './attack';
import { nextClass } from './attack';
import { gaussian, sign } from './noise';
import { l2, linf, NORMS, type Norm } from './norms';
import { pgd, pgd10, pgdMargin, targeted } from './pgd';
import { ATTACKS } from './registry';

const SHAPE: [number, number, number] = [4, 5, 3];
const SIZE = 60;
const COUNT = 6;
const pixels = draw(COUNT * SIZE, 1, 0, 1);
const labels = Int32Array.from({ length: COUNT }, (_, n) => n % 4);
const rows = [11, 12, 13, 14].map((seed) => draw(SIZE, seed));

const THREATS: Record<'linf' | 'l2', Threat> = {
  linf: { norm: linf, epsilon: 0.1, alpha: 0.02, steps: 10, seed: 20231107 },
  l2: { norm: l2, epsilon: 1.5, alpha: 0.25, steps: 10, seed: 20231107 },
};

interface Outcome {
  x: Float32Array;
  startGradient: number[];
}
/** Attacks images `first … first + count − 1` of the data above. */
async function attacked(
  attack: Attack,
  threat: Threat,
  options: { first?: number; count?: number; restart?: number; scale?: number } = {},
): Promise<Outcome> {
  const { first = 0, count = COUNT, restart = 0, scale = 1 } = options;
  const network = linearNetwork(SHAPE, rows, scale);
  const x0 = tf.tensor4d(pixels.subarray(first * SIZE, (first + count) * SIZE), [count, ...SHAPE]);
  const batch: AttackBatch = {
    x0,
    labels: labels.slice(first, first + count),
    samples: Int32Array.from({ length: count }, (_, n) => first + n),
    split: 'test',
  };
  const { x, startGradient } = attack.run(network, batch, threat, restart);
  const out = { x: (await x.data()) as Float32Array, startGradient: [...((await startGradient?.data()) ?? [])] };
  tf.dispose([x0, x, ...(startGradient ? [startGradient] : [])]);
  network.dispose();
  return out;
}

/** Logits in float64. */
const logitsAt = (x: Float32Array, n: number) => rows.map((w) => w.reduce((sum, v, i) => sum + v * x[n * SIZE + i], 0));
function meanLoss(x: Float32Array, goal: Int32Array): number {
  let total = 0;
  for (let n = 0; n < COUNT; n++) {
    const z = logitsAt(x, n);
    const top = Math.max(...z);
    total += top + Math.log(z.reduce((sum, v) => sum + Math.exp(v - top), 0)) - z[goal[n]];
  }
  return total / COUNT;
}

describe('the registry', () => {
  it('holds every attack under its own id', () => {
    for (const [id, attack] of Object.entries(ATTACKS)) expect(attack.id).toBe(id);
    expect(nextClass([0, 1, 9], 10)).toEqual(Int32Array.from([1, 2, 0]));
  });
});

onEachBackend('PGD against the reference values of a linear model', () => {
  const { W_10x12, x_5x12, y, linf_init, l2_dir, l2_r, iters } = units.pgd_linear_model;
  const start: Record<'linf' | 'l2', (sample: number, epsilon: number) => number[]> = {
    linf: (sample) => linf_init[sample],
    l2: (sample, epsilon) => l2_dir[sample].map((v) => ((v * l2_r[sample]) / Math.hypot(...l2_dir[sample])) * epsilon),
  };

  it.each([
    { id: 'linf', targetedRun: false },
    { id: 'linf', targetedRun: true },
    { id: 'l2', targetedRun: false },
    { id: 'l2', targetedRun: true },
  ] as const)('repeats its perturbations on $id, targeted $targetedRun', async ({ id, targetedRun }) => {
    const reference = units.pgd_linear_model[id];
    const norm: Norm = { ...NORMS[id], start: (_, sample, __, epsilon) => Float32Array.from(start[id](sample, epsilon)) };
    const network = linearNetwork([2, 2, 3], W_10x12);
    const x0 = tf.tensor4d(x_5x12.flat(), [5, 2, 2, 3]);
    // The reference aims at y itself, our targeted attack at the class after the label.
    const given = Int32Array.from(y, (c) => (targetedRun ? (c + 9) % 10 : c));
    const { x, startGradient } = (targetedRun ? targeted : pgd10).run(
      network,
      { x0, labels: given, samples: Int32Array.from([0, 1, 2, 3, 4]), split: 'test' },
      { norm, epsilon: reference.eps, alpha: reference.alpha, steps: iters, seed: 0 },
      0,
    );
    const delta = tf.sub(x, x0);
    const expected = (targetedRun ? reference.delta_targeted : reference.delta).flat();
    // x0 + δ − x0 costs one rounding of numbers below 1. On L2 the reference adds 1e-10 to the norm of the batch mean's gradient.
    expect(maxDifference(await delta.data(), expected)).toBeLessThan(id === 'linf' ? 2e-7 : 2e-6);
    network.dispose();
    tf.dispose([x0, x, delta, ...(startGradient ? [startGradient] : [])]);
  });
});

onEachBackend('PGD on a linear model of two classes', () => {
  const w = draw(SIZE, 21);
  const best = async (threat: Threat, attack: Attack) => {
    const network = linearNetwork(SHAPE, [w.map((v) => -v), w]);
    const x0 = tf.tensor4d(pixels.subarray(0, 2 * SIZE), [2, ...SHAPE]);
    const { x, startGradient } = attack.run(
      network,
      { x0, labels: Int32Array.from([0, 1]), samples: Int32Array.from([0, 1]), split: 'test' },
      threat,
      0,
    );
    const values = await x.data();
    network.dispose();
    tf.dispose([x0, x, ...(startGradient ? [startGradient] : [])]);
    return values;
  };
  const away = [1, -1]; // from class 0 along w, from class 1 against it

  it.each([pgdMargin, pgd10])('reaches the known optimum in the L∞ ball: $id', async (attack) => {
    const { epsilon } = THREATS.linf;
    const expected = away.flatMap((side, n) =>
      Array.from(w, (v, i) => Math.min(Math.max(pixels[n * SIZE + i] + side * epsilon * Math.sign(v), 0), 1)),
    );
    // Ten steps of ε/5 cross the whole ball; 11 leave no doubt about rounding.
    expect(maxDifference(await best({ ...THREATS.linf, steps: 11 }, attack), expected)).toBeLessThan(1e-7);
  });

  it('reaches the known optimum in the L2 ball: pgd-margin', async () => {
    const epsilon = 0.05; // so small that the box is not in the way
    const inside = pixels.every((v, i) => i >= 2 * SIZE || (v > 0.02 && v < 0.98) || Math.abs(w[i % SIZE]) < 0.35 * Math.hypot(...w));
    expect(inside).toBe(true);
    const x = await best({ ...THREATS.l2, epsilon, alpha: 0.02, steps: 20 }, pgdMargin);
    for (const [n, side] of away.entries()) {
      const gain = w.reduce((sum, v, i) => sum + side * v * (x[n * SIZE + i] - pixels[n * SIZE + i]), 0);
      expect(gain / (epsilon * Math.hypot(...w))).toBeGreaterThan(0.97); // pixels at the box's edge give a little away
      expect(gain / (epsilon * Math.hypot(...w))).toBeLessThanOrEqual(1 + 1e-5);
    }
  });
});

onEachBackend('PGD', (backend) => {
  it.each(['linf', 'l2'] as const)('stays in the %s ball and in the box', async (id) => {
    for (const attack of [pgd10, pgdMargin, targeted]) {
      const { x } = await attacked(attack, THREATS[id]);
      for (let n = 0; n < COUNT; n++) {
        const delta = Array.from({ length: SIZE }, (_, i) => x[n * SIZE + i] - pixels[n * SIZE + i]);
        const size = id === 'l2' ? Math.hypot(...delta) : Math.max(...delta.map(Math.abs));
        expect(size).toBeLessThanOrEqual(THREATS[id].epsilon + 2e-7); // x0 + δ is rounded to float32
        expect(size).toBeGreaterThan(THREATS[id].epsilon / 2);
      }
      expect(x.every((v) => v >= 0 && v <= 1)).toBe(true);
    }
  });

  it.each(['linf', 'l2'] as const)('finds the same points again, in batches of any size, on %s', async (id) => {
    const threat = { ...THREATS[id], steps: 4 };
    const whole = await attacked(pgd10, threat);
    expect(await attacked(pgd10, threat)).toEqual(whole);
    for (const sizes of [
      [1, 5],
      [2, 2, 2],
    ]) {
      const parts: number[] = [];
      for (const [k, count] of sizes.entries()) {
        const first = sizes.slice(0, k).reduce((a, b) => a + b, 0);
        parts.push(...(await attacked(pgd10, threat, { first, count })).x);
      }
      if (backend !== 'webgpu') expect(Float32Array.from(parts)).toEqual(whole.x);
      // WebGPU adds a batch of another size in another order; no gradient of this model is near 0, so no sign turns.
      expect(maxDifference(parts, whole.x)).toBeLessThan(1e-5);
    }
  });

  it.each(['linf', 'l2'] as const)('starts elsewhere at every restart and with every seed, on %s', async (id) => {
    const once = { ...THREATS[id], steps: 1 };
    const points = [
      await attacked(pgd10, once),
      await attacked(pgd10, once, { restart: 1 }),
      await attacked(pgd10, once, { restart: 2 }),
      await attacked(pgd10, { ...once, seed: 1 }),
    ];
    expect(new Set(points.map((p) => p.x.join())).size).toBe(4);
  });

  it.each(['linf', 'l2'] as const)('does far more than noise of its size, on %s', async (id) => {
    const clean = meanLoss(pixels, labels);
    const loss = async (attack: Attack) => meanLoss((await attacked(attack, THREATS[id])).x, labels) - clean;
    const noise = Math.max(Math.abs(await loss(gaussian)), Math.abs(await loss(sign)));
    expect(await loss(pgd10)).toBeGreaterThan(3 * noise);
    expect(await loss(pgdMargin)).toBeGreaterThan(3 * noise);
  });

  it.each(['linf', 'l2'] as const)('goes to the next class if it is targeted, on %s', async (id) => {
    const goal = nextClass(labels, 4);
    const { x } = await attacked(targeted, THREATS[id]);
    expect(meanLoss(x, goal)).toBeLessThan(meanLoss(pixels, goal) / 2);
  });

  it('spends one forward and one backward pass an image and step', async () => {
    const network = linearNetwork(SHAPE, rows);
    const counted = new CountedNetwork(network);
    tf.tidy(() => {
      const x0 = tf.tensor4d(pixels, [COUNT, ...SHAPE]);
      pgd10.run(counted, { x0, labels, samples: labels, split: 'test' }, { ...THREATS.linf, steps: 4 }, 0).startGradient?.dispose();
    });
    expect([counted.forwards, counted.backwards]).toEqual([4 * COUNT, 4 * COUNT]);
    network.dispose();
  });

  it('reports the largest entry of the gradient where it starts: 0 if cross-entropy is saturated', async () => {
    const own = { ...THREATS.linf, norm: { ...linf, start: (_: unknown, __: number, size: number) => new Float32Array(size) } };
    const lively = (await attacked(pgd10, own)).startGradient;
    const saturated = (await attacked(pgd10, own, { scale: 1e5 })).startGradient;
    for (let n = 0; n < COUNT; n++) {
      const z = logitsAt(pixels, n);
      const top = Math.max(...z);
      const p = z.map((v) => Math.exp(v - top) / z.reduce((sum, u) => sum + Math.exp(u - top), 0));
      const entries = Array.from({ length: SIZE }, (_, i) =>
        Math.abs(rows.reduce((g, w, c) => g + (p[c] - (c === labels[n] ? 1 : 0)) * w[i], 0)),
      );
      expect(lively[n]).toBeCloseTo(Math.max(...entries), 5);
      const right = z[labels[n]] === top;
      if (right) expect(saturated[n]).toBe(0);
      else expect(saturated[n]).toBeGreaterThan(1e3);
    }
    expect(saturated.some((g) => g === 0) && saturated.some((g) => g > 0)).toBe(true);
  });

  it('moves on the margin where cross-entropy is saturated', async () => {
    const threat = { ...THREATS.linf, steps: 11 };
    const margin = (await attacked(pgdMargin, threat, { scale: 1e5 })).x;
    const entropy = (await attacked(pgd10, threat, { scale: 1e5 })).x;
    expect(meanLoss(margin, labels)).toBeGreaterThan(meanLoss(entropy, labels) + 0.3);
  });

  it('hands on a gradient that is not a number, for the harness to refuse', async () => {
    const { x } = await attacked(pgd10, THREATS.linf, { scale: 3e38, count: 1 });
    expect(x.every(Number.isNaN)).toBe(true);
    const { x: again } = await attacked(pgd10, THREATS.l2, { scale: 3e38, count: 1 });
    expect(again.every(Number.isNaN)).toBe(true);
  });

  it('without steps is its random start', async () => {
    const { x, startGradient } = await attacked(pgd({ id: 'none', title: 'none', loss: crossEntropyGrad }), { ...THREATS.linf, steps: 0 });
    expect(startGradient).toEqual([]);
    const expected = Array.from({ length: COUNT }, (_, n) =>
      Array.from(linf.start({ seed: 20231107, split: 'test', restart: 0, targeted: false }, n, SIZE, 0.1), (d, i) =>
        Math.min(Math.max(pixels[n * SIZE + i] + d, 0), 1),
      ),
    ).flat();
    expect(maxDifference(x, expected)).toBeLessThan(1e-7);
  });
});
