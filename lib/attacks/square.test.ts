/** Square's search, query by query: what it proposes, what it keeps, and how far it gets. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Classifier } from '../model/classifier';
import { draw } from '../testing/draw';
import { onEngine } from '../testing/on-engine';
import { hostBall, l2Norm } from './host-ball';
import { Passes } from './passes';
import { randomSearch } from './square';
import { squareSide } from './square-schedule';

const SIDE = 12;
const SIZE = SIDE * SIDE;
const W = draw(SIZE, 3, -1, 1);
const slopeL1 = W.reduce((sum, w) => sum + Math.abs(w), 0);
const score = (x: ArrayLike<number>) => W.reduce((sum, w, i) => sum + w * (x[i] - 0.5), 0);

/** Logits [threshold, Σ w(x − ½)]: class 0 holds as long as the score stays below the threshold. Keeps what it was shown. */
function watched(threshold: number) {
  const seen: Float32Array[] = [];
  const no = () => {
    throw new Error('Square asks for no gradient');
  };
  const classifier: Classifier = {
    ...{ inputShape: [SIDE, SIDE, 1], classes: 2, inputGradient: no, logitsAndGradient: no },
    logits(x) {
      const values = x.dataSync() as Float32Array;
      const rows = Array.from({ length: x.shape[0] }, (_, n) => values.slice(n * SIZE, (n + 1) * SIZE));
      seen.push(...rows);
      return tf.tensor2d(rows.map((row) => [threshold, score(row)]));
    },
  };
  return { classifier, seen };
}

const search = async (norm: 'linf' | 'l2', epsilon: number, threshold: number, queries: number) => {
  const { classifier, seen } = watched(threshold);
  const ball = hostBall(norm, epsilon, new Float32Array(SIZE).fill(0.5), SIZE);
  const batch = { ball, labels: Int32Array.of(0), samples: Int32Array.of(4), split: 'test' as const, seed: 9 };
  const found = await randomSearch(new Passes(classifier, 'square'), batch, queries);
  return { found, seen };
};

onEngine('cpu');

describe.each([
  ['linf', 0.1],
  ['l2', 0.6],
] as const)('in %s', (norm, epsilon) => {
  it('each query changes squares of the schedule’s side in the best point so far, and only a lower margin is kept', async () => {
    const queries = 700;
    const { found, seen } = await search(norm, epsilon, 1e6, queries);
    expect(found.broken[0]).toBe(0);
    expect(seen.length).toBe(queries + 1);
    let [best, kept] = [seen[0], 0];
    for (const [query, x] of seen.slice(1).entries()) {
      const side = squareSide(norm, query, SIDE, SIDE);
      const changed = [...x.keys()].filter((i) => Math.abs(x[i] - best[i]) > 1e-6);
      const window = (cells: number[]) => Math.max(...cells) - Math.min(...cells) + 1;
      if (norm === 'linf') {
        expect(changed.length, `query ${query}`).toBeLessThanOrEqual(side * side);
        if (changed.length > 0) {
          expect(window(changed.map((i) => Math.floor(i / SIDE)))).toBeLessThanOrEqual(side);
          expect(window(changed.map((i) => i % SIDE))).toBeLessThanOrEqual(side);
        }
        expect(x.every((v) => Math.abs(v - 0.5) <= epsilon + 1e-6)).toBe(true);
      } else {
        expect(changed.length, `query ${query}`).toBeLessThanOrEqual(2 * side * side);
        expect(l2Norm(Float64Array.from(x, (v) => v - 0.5)) / epsilon).toBeCloseTo(1, 5);
      }
      if (score(x) > score(best)) {
        best = x;
        kept++;
      }
    }
    // Both happen, often: what is proposed is neither always better nor never.
    expect(kept).toBeGreaterThan(20);
    expect(kept).toBeLessThan(queries / 2);
  });

  it('comes near the best that the ball has, and breaks what it thereby can', async () => {
    const reach = norm === 'linf' ? epsilon * slopeL1 : epsilon * l2Norm(W);
    const { found, seen } = await search(norm, epsilon, 0.6 * reach, 3000);
    expect(found.broken[0]).toBe(1);
    // It ends with the query that broke it, and hands that point on.
    expect(seen.length).toBeLessThan(3001);
    expect([...found.points]).toEqual([...seen[seen.length - 1]]);
    expect(score(found.points)).toBeGreaterThan(0.6 * reach);
    expect(seen.slice(0, -1).every((x) => score(x) <= 0.6 * reach)).toBe(true);
    expect((await search(norm, epsilon, 1.01 * reach, 500)).found.broken[0]).toBe(0);
  });
});
