/** Images for the attacks of AutoAttack, which run on what a linear network gets right. */
import { hostBall } from '../attacks/host-ball';
import type { StandingAttack, StandingBatch } from '../attacks/standing';
import type { Network } from '../model/network';
import { draw } from './draw';
import { linearNetwork } from './linear-network';

export const SHAPE: [number, number, number] = [5, 4, 3];
const SIZE = 60;
export const CLASSES = 5;
/** Weights of each class. */
export const ROWS = Array.from({ length: CLASSES }, (_, c) => draw(SIZE, 60 + c));

export const logitsAt = (x: ArrayLike<number>) => ROWS.map((w) => w.reduce((sum, v, i) => sum + v * x[i], 0));
export const classAt = (x: ArrayLike<number>) => logitsAt(x).reduce((best, v, c, all) => (v > all[best] ? c : best), 0);

export const linearClassifier = (classes = CLASSES): Network => linearNetwork(SHAPE, ROWS.slice(0, classes));

const grey = (n: number) => draw(SIZE, 20 + n, 0.2, 0.8);

/** Images `samples` in the middle of the box, with the labels that the network gives. */
export function greyBatch(norm: 'linf' | 'l2', epsilon: number, samples: readonly number[], seed = 1): StandingBatch {
  const x0 = Float32Array.from(samples.flatMap((n) => [...grey(n)]));
  return {
    ball: hostBall(norm, epsilon, x0, SIZE),
    labels: Int32Array.from(samples, (n) => classAt(grey(n))),
    samples: Int32Array.from(samples),
    split: 'test',
    seed,
  };
}

/** Distance of image n from the nearest boundary of its class, the box left aside: gap/‖w_t − w_y‖ in the dual norm. */
export function boundaryDistance(norm: 'linf' | 'l2', n: number): number {
  const z = logitsAt(grey(n));
  const y = classAt(grey(n));
  return Math.min(
    ...z.flatMap((v, t) => {
      if (t === y) return [];
      const w = ROWS[t].map((a, i) => a - ROWS[y][i]);
      const length = norm === 'linf' ? w.reduce((sum, a) => sum + Math.abs(a), 0) : Math.sqrt(w.reduce((sum, a) => sum + a * a, 0));
      return [(z[y] - v) / length];
    }),
  );
}

export interface FoundPoint {
  broken: boolean;
  x: Float32Array;
}

/** What an attack finds, image by image. */
export async function foundBy(attack: StandingAttack, network: Network, batch: StandingBatch): Promise<FoundPoint[]> {
  const { broken, points } = await attack.attack(network, batch);
  return Array.from(broken, (b, n) => ({ broken: b === 1, x: points.slice(n * SIZE, (n + 1) * SIZE) }));
}
