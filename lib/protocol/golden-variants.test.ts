/** Attacks of other sizes and on L2 against the reference: 500 test images, and their collapse. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openPool } from '../../workers/node/pool';
import type { AttackBatch } from '../attacks/attack';
import { linf } from '../attacks/norms';
import { targeted } from '../attacks/pgd';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import type { Model } from '../model/preflight';
import {
  datasetOf,
  golden,
  goldenExtra,
  hasReference,
  REFERENCE_MODELS,
  type ReferenceCollapse,
  type ReferenceModel,
  referenceData,
  referenceFiles,
} from '../testing/reference';
import { modelOf, networkOf, worldWith } from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { CollapseStage } from './collapse-stage';
import { evaluate } from './evaluate';
import { fromBase64, unpackBitmap } from './evidence';
import { type MeasureResult, measure, toPixels } from './measure';

const SEED = 20231107;
const TEST = 500;
const BATCH = 50;
const boardOf = (name: ReferenceModel, norm: 'linf' | 'l2') => BOARDS.get(`${datasetOf(name)}/${norm}`) as Board;

const differing = (bitmap: ArrayLike<number>, pred: number[], labels: ArrayLike<number>) =>
  pred.filter((p, i) => (p === labels[i] ? 1 : 0) !== bitmap[i]).length;

/** Collapse over units of one set of images. */
function collapseOf(model: Model, condition: 'pgd-10' | 'targeted', results: MeasureResult[], labels: Uint8Array) {
  let at = 0;
  const units = results.map((r) => {
    const from = at;
    at += r.predictions.length;
    return { ...r, labels: labels.subarray(from, at) };
  });
  return new CollapseStage(model, 10).add(condition, units);
}

function expectCollapse(ours: ReturnType<typeof collapseOf>, reference: ReferenceCollapse, relative: number) {
  const pairs = [
    ['nc1', ours.nc1, reference.nc1],
    ['nc2 norms', ours.nc2NormMeans, reference.nc2_norm_M],
    ['nc2 angles', ours.nc2AngleMeans, reference.nc2_angle_M],
    ['nc3', ours.nc3, reference.nc3],
    ['nc4', ours.nc4, reference.nc4],
  ] as const;
  for (const [what, value, expected] of pairs) {
    const error = Math.abs((value ?? Number.NaN) - expected);
    if (!(error <= Math.max(relative * expected, what === 'nc4' ? 2 / TEST : 0))) expect.fail(`${what}: ${value}, reference ${expected}`);
  }
}

describe.skipIf(!hasReference)('golden variants (need SIMPLEXITY_REFERENCE and DATASETS_DIR)', () => {
  describe.each(REFERENCE_MODELS)('%s', (name) => {
    it.each(['full_eps_1it', 'full_eps_3it', 'eps_x0.25_10it'])(
      '%s: outcomes of 500 test images and their collapse',
      { timeout: 120_000 },
      async (run) => {
        const known = goldenExtra(name).runs[run];
        const board = { ...boardOf(name, 'linf'), epsilon: known.eps, alpha: known.alpha, steps: known.iters };
        const files = referenceFiles(name);
        const data = await referenceData(name);
        const { images, labels } = await data.read('test', 0, TEST);
        await data.close();
        const pool = await openPool(2, { backend: 'wasm', files, settings: { board, seed: SEED, restarts: 1 } });
        const size = images.length / TEST;
        const results = await Promise.all(
          Array.from({ length: TEST / BATCH }, (_, u) =>
            pool.measure({
              split: 'test',
              first: u * BATCH,
              condition: 'pgd-10',
              images: images.subarray(u * BATCH * size, (u + 1) * BATCH * size),
              labels: labels.subarray(u * BATCH, (u + 1) * BATCH),
              wantFeatures: true,
              wantPerturbed: false,
              layers: [],
            }),
          ),
        );
        await pool.close();
        const correct = results.flatMap((r) => [...r.predictions]).map((p, i) => (p === labels[i] ? 1 : 0));
        expect(differing(correct, known.pred, labels), 'images judged differently').toBeLessThanOrEqual(2);
        const losses = results.flatMap((r) => [...r.losses]);
        const mean = losses.reduce((a, b) => a + b, 0) / TEST;
        expect(Math.abs(mean / known.loss_mean_true_label - 1)).toBeLessThan(name === 'fmnist_at' ? 1e-4 : 2e-3);
        expectCollapse(collapseOf(await modelOf(files), 'pgd-10', results, labels), known.nc, name === 'fmnist_at' ? 1e-3 : 0.015);
      },
    );

    it('targeted_eps_x0.25_10it, from the start of the untargeted attack', { timeout: 120_000 }, async () => {
      const known = goldenExtra(name).runs['targeted_eps_x0.25_10it'];
      const board = { ...boardOf(name, 'linf'), epsilon: known.eps, alpha: known.alpha, steps: known.iters };
      const norm = { ...linf, start: ((stream, ...rest) => linf.start({ ...stream, targeted: false }, ...rest)) as typeof linf.start };
      const model = await modelOf(referenceFiles(name));
      const data = await referenceData(name);
      await openEngine('wasm', nodeHost);
      const network = networkOf(model);
      const results: MeasureResult[] = [];
      for (let first = 0; first < TEST; first += BATCH) {
        const { images, labels } = await data.read('test', first, BATCH);
        const x0 = tf.tensor4d(toPixels(images), [BATCH, ...network.inputShape]);
        const batch: AttackBatch = {
          x0,
          split: 'test',
          labels: Int32Array.from(labels),
          samples: Int32Array.from({ length: BATCH }, (_, n) => first + n),
        };
        const { x, startGradient } = targeted.run(network, batch, { ...board, norm, seed: SEED }, 0);
        const perturbed = (await x.data()) as Float32Array;
        tf.dispose([x0, x, ...(startGradient ? [startGradient] : [])]);
        const job = {
          split: 'test',
          first,
          condition: 'targeted',
          images,
          labels,
          perturbed,
          wantFeatures: true,
          wantPerturbed: false,
          layers: [],
        } as const;
        results.push(await measure(network, { ...job, layers: [] }, { board, seed: SEED, restarts: 1 }));
      }
      network.dispose();
      const { labels } = await data.read('test', 0, TEST);
      await data.close();
      const predictions = results.flatMap((r) => [...r.predictions]);
      const correct = predictions.map((p, i) => (p === labels[i] ? 1 : 0));
      expect(differing(correct, known.pred, labels), 'images judged differently').toBeLessThanOrEqual(2);
      const hits = predictions.filter((p, i) => p === (labels[i] + 1) % 10).length / TEST;
      expect(Math.abs(hits - (known.target_success_rate ?? Number.NaN))).toBeLessThanOrEqual(2 / TEST);
      expectCollapse(collapseOf(model, 'targeted', results, labels), known.nc, name === 'fmnist_at' ? 1e-3 : 0.015);
    });

    it('pgd-10 on L2', { timeout: 120_000 }, async () => {
      const known = golden(name);
      const board = boardOf(name, 'l2');
      const files = referenceFiles(name);
      const data = await referenceData(name);
      const pool = await openPool(2, { backend: 'wasm', files, settings: { board, seed: SEED, restarts: 1 } });
      const report = await evaluate(
        {
          model: await modelOf(files),
          board,
          level: 'pgd',
          attacks: ['pgd-10'],
          samples: TEST,
          trainSamples: name === 'fmnist_at' ? 2000 : 0,
          batch: BATCH,
          seed: SEED,
          restarts: 1,
          layers: false,
        },
        worldWith(pool, data),
      );
      await pool.close();
      await data.close();
      const reference = known.attacks.pgd_l2.test500;
      const { labels } = known.subsets.test500;
      const bitmap = unpackBitmap(fromBase64(report.evidence['pgd-10']), TEST);
      expect(differing(bitmap, reference.pred, labels), 'images judged differently').toBeLessThanOrEqual(2);
      expect(report.attacks['pgd-10']?.l2Max).toBeLessThanOrEqual(board.epsilon);
      expect(Math.abs((report.attacks['pgd-10']?.l2Max ?? 0) / reference.l2_max - 1)).toBeLessThan(1e-3);
      expect(Math.abs((report.attacks['pgd-10']?.loss ?? 0) / reference.loss_mean_true_label - 1)).toBeLessThan(
        name === 'fmnist_at' ? 1e-4 : 0.01,
      );
      if (report.collapse?.['pgd-10']) {
        expectCollapse(report.collapse['pgd-10'], known.nc.train2000['means=pgd_l2;cov=pgd_l2;labels=y'].recomputed_float64, 1e-3);
      }
    });
  });
});
