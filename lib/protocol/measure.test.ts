import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { elements } from '../model/graph';
import type { Network } from '../model/network';
import type { Model } from '../model/preflight';
import { linearNetwork } from '../testing/linear-network';
import { drawnRecords, linfBoard, modelOf, networkOf, testModelFiles } from '../testing/small-evaluation';
import { distance } from './ball';
import { BOARDS, type Board } from './boards';
import type { LayerTask } from './layer-tasks';
import { type MeasureJob, measure, readLogits, toPixels } from './measure';

describe('toPixels', () => {
  it('is byte/255, rounded once to float32', () => {
    const pixels = toPixels(Uint8Array.from({ length: 256 }, (_, i) => i));
    expect(pixels[0]).toBe(0);
    expect(pixels[255]).toBe(1);
    pixels.forEach((p, i) => {
      expect(p).toBe(Math.fround(i / 255));
    });
  });
});

describe('readLogits', () => {
  it('takes the first of equal largest and the loss of the true label in nats', () => {
    const { predictions, losses } = readLogits(Float32Array.of(1, 3, 3, 0, 0, 0), [1, 2], 0);
    expect([...predictions]).toEqual([1, 0]);
    expect(losses[0]).toBeCloseTo(Math.log(2 + Math.exp(-2)), 12);
    expect(losses[1]).toBeCloseTo(Math.log(3), 12);
  });

  it('does not overflow, and a saturated loss is its margin', () => {
    expect([...readLogits(Float32Array.of(1e30, 0), [1], 0).losses]).toEqual([Math.fround(1e30)]);
    expect([...readLogits(Float32Array.of(-3e38, 3e38), [1], 0).losses]).toEqual([0]);
    expect(readLogits(Float32Array.of(50, 0), [0], 0).losses[0]).toBeGreaterThanOrEqual(0);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses an output of %f, naming the sample', (bad) => {
    expect(() => readLogits(Float32Array.of(0, 1, 0, bad), [0, 0], 40)).toThrow("sample 41: the network's output 1 is");
  });

  it('recognises rows that are probabilities, all of them', () => {
    expect(readLogits(Float32Array.of(0.25, 0.75, 1, 0), [0, 0], 0).looksLikeProbabilities).toBe(true);
    expect(readLogits(Float32Array.of(0.25, 0.75, 1.5, -0.5), [0, 0], 0).looksLikeProbabilities).toBe(false);
    expect(readLogits(Float32Array.of(0.25, 0.25), [0], 0).looksLikeProbabilities).toBe(false);
  });
});

describe('measure', () => {
  let model: Model;
  let network: Network;
  const settings = { board: linfBoard, seed: 3, restarts: 1 };
  const records = drawnRecords('test', 4);
  const job = (changes: Partial<MeasureJob>): MeasureJob => ({
    ...records,
    split: 'test',
    first: 0,
    condition: 'clean',
    wantFeatures: false,
    wantPerturbed: false,
    layers: [],
    ...changes,
  });
  beforeAll(async () => {
    await openEngine('wasm', nodeHost);
    model = await modelOf(testModelFiles('fmnist_st'));
    network = networkOf(model);
  });
  afterAll(() => network.dispose());

  it('names samples by their place in the split, not in the unit', async () => {
    const all = await measure(network, job({ condition: 'pgd-10', wantPerturbed: true }), settings);
    const last = await measure(
      network,
      job({ condition: 'pgd-10', wantPerturbed: true, first: 2, images: records.images.slice(2 * 784), labels: records.labels.slice(2) }),
      settings,
    );
    expect(last.perturbed).toEqual(all.perturbed?.slice(2 * 784));
    expect(last.losses).toEqual(all.losses.slice(2));
    const train = await measure(network, job({ condition: 'pgd-10', wantPerturbed: true, split: 'train' }), settings);
    expect(train.perturbed).not.toEqual(all.perturbed);
  });

  it('goes on past outputs that are not finite where it is told to, and hands them out', async () => {
    const steep = linearNetwork([28, 28, 1], [new Float32Array(784).fill(3e38), new Float32Array(784)]);
    const images = new Uint8Array(2 * 784).fill(255, 784);
    const asked = job({ images, labels: Uint8Array.of(1, 1), wantLogits: true });
    const board = { ...settings, board: linfBoard };
    await expect(measure(steep, asked, board)).rejects.toThrow('sample 1: the network');
    const { logits, predictions, losses } = await measure(steep, { ...asked, anyOutput: true }, board);
    expect([...(logits ?? [])]).toEqual([0, 0, Infinity, 0]);
    expect([...predictions]).toEqual([0, 0]);
    expect([...losses]).toEqual([Math.log(2), Math.log(2)]);
    steep.dispose();
  });

  it('measures what it hands out: perturbed images again give the same outcome without an attack', async () => {
    const first = await measure(network, job({ condition: 'targeted', wantPerturbed: true, wantFeatures: true }), settings);
    const again = await measure(network, job({ condition: 'targeted', perturbed: first.perturbed, wantFeatures: true }), settings);
    for (const key of ['predictions', 'losses', 'linf', 'l2', 'features'] as const) expect(again[key], key).toEqual(first[key]);
    expect(again).toMatchObject({ forwards: 4, backwards: 0 });
    expect(again.zeroGradient).toBeUndefined();
    expect(first.features).toHaveLength(4 * 128);
    const pixels = toPixels(records.images);
    for (let n = 0; n < 4; n++) {
      const [a, b] = [n * 784, (n + 1) * 784];
      expect(distance(first.perturbed?.subarray(a, b) ?? new Float32Array(), pixels.subarray(a, b))).toEqual({
        linf: first.linf[n],
        l2: first.l2[n],
      });
    }
  });

  it.each(['pgd-10', 'targeted', 'gaussian'] as const)(
    'gives the same under %s, bit for bit, however few images go at once',
    async (condition) => {
      const { graph, classes } = network;
      const layers = graph.nodes.slice(1, 6).flatMap((n, i): LayerTask[] => {
        const dim = elements(n.shape);
        const means = Float64Array.from({ length: classes * dim }, (_, k) => Math.sin(k));
        const within = { kind: 'within' as const, means, basis: means, rank: 2, centres: means };
        return [
          { node: i + 1, kind: 'sums' },
          { node: i + 1, ...within },
          { node: i + 1, kind: 'nearest', centres: means },
        ];
      });
      const asked = job({ condition, wantPerturbed: true, wantFeatures: true, wantLogits: true, layers });
      const twice = { ...settings, restarts: 2 };
      const whole = await measure(network, asked, twice);
      for (const atOnce of [1, 3]) expect(await measure(network, { ...asked, atOnce }, twice)).toEqual(whole);
      const { perturbed } = whole;
      const again = await measure(network, { ...asked, ...(perturbed ? { perturbed } : {}) }, twice);
      expect(await measure(network, { ...asked, ...(perturbed ? { perturbed } : {}), atOnce: 3 }, twice)).toEqual(again);
    },
  );

  it.each(['fashion-mnist/linf', 'fashion-mnist/l2'])('keeps every attack inside %s and inside the image', async (id) => {
    const board = BOARDS.get(id) as Board;
    for (const condition of ['pgd-10', 'pgd-margin', 'targeted'] as const) {
      const { perturbed, linf, l2 } = await measure(network, job({ condition, wantPerturbed: true }), { ...settings, board });
      expect(perturbed?.every((v) => v >= 0 && v <= 1)).toBe(true);
      const sizes = board.norm === 'l2' ? l2 : linf;
      for (const size of sizes) {
        expect(size).toBeGreaterThan(board.epsilon * 0.6);
        expect(size).toBeLessThanOrEqual(board.epsilon + (board.norm === 'l2' ? 0 : 1e-12));
      }
    }
  });

  it('keeps of several restarts the first that breaks an image, else the one of highest loss', async () => {
    const { board } = settings;
    const weak = { ...board, epsilon: 0.03, alpha: 0.0001, steps: 1 };
    const probe = await measure(network, job({}), settings);
    const labels = Uint8Array.from(probe.predictions);
    const losses: number[][] = [];
    for (let restarts = 1; restarts <= 4; restarts++) {
      const result = await measure(network, job({ labels, condition: 'pgd-10' }), { board: weak, seed: 3, restarts });
      losses.push([...result.losses]);
      expect(result).toMatchObject({ forwards: 4 * (restarts === 1 ? 2 : restarts * 2 + 1) });
    }
    for (let n = 0; n < 4; n++) for (let r = 1; r < 4; r++) expect(losses[r][n]).toBeGreaterThanOrEqual(losses[r - 1][n]);
    expect(losses[3]).not.toEqual(losses[0]);
  });

  it('frees everything', async () => {
    const before = tf.memory().numTensors;
    await measure(network, job({ condition: 'gaussian', wantFeatures: true }), settings);
    await measure(network, job({ condition: 'pgd-10' }), { ...settings, restarts: 2 });
    expect(tf.memory().numTensors).toBe(before);
  });
});
