/** Units with other settings than the board's: in their own ball, with their own steps, and named apart where they are kept. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import type { Network } from '../model/network';
import { drawnRecords, linfBoard, modelOf, networkOf, testModelFiles } from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { type MeasureJob, measure, toPixels } from './measure';
import { storedUnitSchema, unitKey } from './stored-unit';
import { changedImages, type Variant } from './variant';

const records = drawnRecords('test', 6);
let network: Network;
beforeAll(async () => {
  await openEngine('wasm', nodeHost);
  network = networkOf(await modelOf(testModelFiles('fmnist_at')));
  // The labels that the network gives: images that it gets right.
  const { predictions } = await measure(network, job('clean'), settings());
  records.labels.set(Uint8Array.from(predictions));
});
afterAll(() => network.dispose());

const settings = (board: Board = linfBoard) => ({ board, seed: 1, restarts: 1 });
const job = (condition: MeasureJob['condition'], variant?: Omit<Variant, 'id'>, changes: Partial<MeasureJob> = {}): MeasureJob => ({
  ...{ split: 'test', first: 0, condition, ...records, wantFeatures: false, wantPerturbed: false, layers: [] },
  ...(variant ? { variant: { id: 'v', ...variant } } : {}),
  ...changes,
});

describe('a variant of an attack', () => {
  it.each(['linf', 'l2'] as const)('stays in a ball of its own and fills it, %s', async (norm) => {
    const board = BOARDS.get(`fashion-mnist/${norm}`) as Board;
    for (const factor of [0.5, 3]) {
      const epsilon = factor * board.epsilon;
      for (const condition of ['pgd-10', 'apgd-ce'] as const) {
        const result = await measure(network, job(condition, { epsilon, alpha: factor * board.alpha }), settings(board));
        const most = result[norm].reduce((a, b) => Math.max(a, b), 0);
        expect(most).toBeLessThanOrEqual(epsilon * (1 + 1e-6));
        // The box takes off what an L2 point has outside of it.
        if (condition === 'pgd-10') expect(most, `× ${factor}`).toBeGreaterThan((norm === 'linf' ? 0.99 : 0.6) * epsilon);
      }
    }
  });

  it('one step from the image itself is FGSM: the sign of the gradient, as far as the ball reaches', async () => {
    const fgsm = { steps: 1, alpha: linfBoard.epsilon, fromImage: true };
    const { perturbed, forwards, backwards } = await measure(network, job('pgd-10', fgsm, { wantPerturbed: true }), settings());
    expect({ forwards, backwards }).toEqual({ forwards: 12, backwards: 6 });
    const pixels = toPixels(records.images);
    const moves = Array.from(perturbed ?? [], (v, i) => Math.abs(v - pixels[i]));
    const inside = moves.filter((_, i) => pixels[i] > 0.11 && pixels[i] < 0.89);
    expect(inside.filter((d) => d > 1e-6 && Math.abs(d - 0.1) > 1e-6)).toEqual([]);
    expect(inside.filter((d) => d > 0).length).toBeGreaterThan(inside.length / 2);
    const other = await measure(network, job('pgd-10', fgsm, { wantPerturbed: true, seed: 9 }), settings());
    expect(other.perturbed).toEqual(perturbed);
  });

  it('APGD takes as many steps as it is told', async () => {
    // A small ball, so that every image holds and is worked on to the last step.
    for (const iterations of [10, 30]) {
      const { attacked, forwards, backwards, predictions } = await measure(
        network,
        job('apgd-ce', { epsilon: 1e-4, iterations }),
        settings(),
      );
      expect([...predictions]).toEqual([...records.labels]);
      expect(attacked).toBe(6);
      expect({ forwards, backwards }).toEqual({ forwards: 6 * (iterations + 1) + 6, backwards: 6 * iterations });
    }
  });

  it('a restart draws for itself, and without a variant the first is taken', async () => {
    const points = async (restart?: number) =>
      (await measure(network, job('pgd-10', restart === undefined ? undefined : { restart }, { wantPerturbed: true }), settings()))
        .perturbed;
    const [first, second] = [await points(0), await points(1)];
    expect(first).toEqual(await points());
    expect(second).not.toEqual(first);
  });

  it('nothing is left to attack in a ball of radius 0', async () => {
    const { attacked, predictions, linf } = await measure(network, job('apgd-ce', { epsilon: 0 }), settings());
    expect(attacked).toBe(6);
    expect([...predictions]).toEqual([...records.labels]);
    expect(Math.max(...linf)).toBe(0);
  });
});

describe('clean images', () => {
  const shape = [2, 3, 2] as const;
  const pixels = Float32Array.from({ length: 24 }, (_, i) => i / 24);
  const images = { pixels, shape, samples: [4, 9], seed: 1 };

  it('shifted by one pixel, the left column twice', () => {
    const shifted = changedImages('shift', images);
    const from = (i: number) => (i % 6 < 2 ? i : i - 2);
    expect([...shifted]).toEqual(Array.from(pixels, (_, i) => pixels[from(i)]));
  });

  it('with noise of one grey level up or down, inside the box, of each image’s own draws', () => {
    const noisy = changedImages('noise', images);
    noisy.forEach((v, i) => {
      expect(v).toBeGreaterThanOrEqual(0);
      const down = Math.max(0, pixels[i] - 1 / 255);
      expect(Math.min(Math.abs(v - pixels[i] - 1 / 255), Math.abs(v - down))).toBeLessThan(1e-7);
    });
    expect(new Set(Array.from(noisy, (v, i) => Math.sign(v - pixels[i]))).size).toBeGreaterThan(1);
    const alone = changedImages('noise', { ...images, pixels: pixels.subarray(12), samples: [9] });
    expect([...alone]).toEqual([...noisy.subarray(12)]);
  });

  it('in several passes give the spread of the outputs, whatever the size of the parts', async () => {
    const whole = await measure(network, job('clean', { passes: 5 }), settings());
    expect([...(whole.spread ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(whole.forwards).toBe(30);
    const parts = await measure(network, job('clean', { passes: 5 }, { atOnce: 4 }), settings());
    expect(parts).toEqual(whole);
  });
});

describe('kept units', () => {
  it('are named by their variant, and keep what it measured', async () => {
    const keys = [undefined, 'a', 'b'].map((id) => unitKey({ ...job('pgd-10'), ...(id ? { variant: { id } } : {}) }));
    expect(keys).toEqual(['test/pgd-10/0+6/outcome', 'test/pgd-10/0+6/outcome/a', 'test/pgd-10/0+6/outcome/b']);
    const { spread, ...unit } = await measure(network, job('clean', { passes: 2 }), settings());
    expect(storedUnitSchema.parse({ ...unit, spread, wallMs: 1 })).toMatchObject({ spread });
  });
});
