/** Whole evaluations of the reference models against what the published programs gave: 500 test, 2 000 training images. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '../../workers/node/pool';
import {
  datasetOf,
  type Golden,
  golden,
  hasReference,
  REFERENCE_MODELS,
  REFERENCE_NAMES,
  type ReferenceCollapse,
  referenceData,
  referenceFiles,
} from '../testing/reference';
import { modelOf, worldWith } from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { evaluate } from './evaluate';
import { fromBase64, unpackBitmap } from './evidence';
import type { LayerValues, Report } from './report';

const CONDITIONS = ['clean', 'pgd-10', 'targeted', 'gaussian', 'sign'] as const;
type Compared = (typeof CONDITIONS)[number];

const COLLAPSE: Record<keyof ReferenceCollapse, keyof NonNullable<NonNullable<Report['collapse']>['clean']>> = {
  nc1: 'nc1',
  nc2_norm_M: 'nc2NormMeans',
  nc2_norm_W: 'nc2NormWeights',
  nc2_angle_M: 'nc2AngleMeans',
  nc2_angle_W: 'nc2AngleWeights',
  nc3: 'nc3',
  nc4: 'nc4',
};

/** Targeted PGD of full strength saturates on standard training: only what the reference's notes call meaningful is compared. */
const saturates = (model: string, condition: Compared) => condition === 'targeted' && model.endsWith('_st');

/** Relative tolerance of a collapse metric: without an attack rounding alone, with one the points differ a little. */
function tolerance(model: string, condition: Compared, metric: string): number {
  if (metric === 'nc2_norm_W' || metric === 'nc2_angle_W') return 1e-5;
  if (condition === 'clean' || condition === 'gaussian' || condition === 'sign') return metric === 'nc1' ? 1e-3 : 1e-4;
  return model === 'fmnist_at' ? 1e-3 : 0.02;
}

function expectClose(actual: number | null | undefined, expected: number, relative: number, what: string, absolute = 0): void {
  const error = Math.abs((actual ?? Number.NaN) - expected);
  if (!(error <= relative * Math.abs(expected) + absolute)) expect.fail(`${what}: ${actual}, reference ${expected}`);
}

const groupsKey = (condition: Compared) => {
  const name = REFERENCE_NAMES[condition];
  return `means=${name};cov=${name};labels=${condition === 'targeted' ? '(y+1)%10' : 'y'}`;
};

describe.skipIf(!hasReference)('golden evaluations (need SIMPLEXITY_REFERENCE and DATASETS_DIR)', () => {
  describe.each(REFERENCE_MODELS)('%s on L∞', (name) => {
    let known: Golden;
    let report: Report;

    beforeAll(async () => {
      known = golden(name);
      const files = referenceFiles(name);
      const board = BOARDS.get(`${datasetOf(name)}/linf`) as Board;
      const seed = 20231107;
      const data = await referenceData(name);
      const pool = await openPool(2, { backend: 'wasm', files, settings: { board, seed, restarts: 1 } });
      const attacks = CONDITIONS.filter((c) => c !== 'clean');
      report = await evaluate(
        {
          model: await modelOf(files),
          board,
          level: 'pgd',
          attacks,
          samples: 500,
          trainSamples: 2000,
          batch: 50,
          seed,
          restarts: 1,
          layers: name === 'fmnist_at', // every attack on it can be compared
        },
        worldWith(pool, data),
      );
      await pool.close();
      await data.close();
    }, 300_000);

    it('classifies the clean test images alike, one by one', () => {
      const { pred, n_correct, loss_mean } = known.clean.test500;
      const { labels } = known.subsets.test500;
      expect([...unpackBitmap(fromBase64(report.evidence.clean), 500)]).toEqual(pred.map((p, i) => (p === labels[i] ? 1 : 0)));
      expect(report.clean?.correct).toBe(n_correct);
      expectClose(report.clean?.loss, loss_mean, 1e-5, 'clean loss');
    });

    it.each(['pgd-10', 'targeted', 'gaussian', 'sign'] as const)('%s: accuracy within 2 of 500, sizes and loss', (condition) => {
      const reference = known.attacks[REFERENCE_NAMES[condition] as 'gaussian'].test500;
      const ours = report.attacks[condition];
      const differing = [...unpackBitmap(fromBase64(report.evidence[condition]), 500)].filter(
        (correct, i) => correct !== (reference.pred[i] === known.subsets.test500.labels[i] ? 1 : 0),
      );
      expect(differing.length, 'images judged differently').toBeLessThanOrEqual(2);
      expect(Math.abs((ours?.correct ?? -9) - reference.n_correct)).toBeLessThanOrEqual(2);
      expectClose(ours?.linfMax, reference.linf_max, 0, 'largest L∞', 1e-7);
      expectClose(ours?.l2Max, reference.l2_max, 0.01, 'largest L2');
      const exact = condition === 'gaussian' || condition === 'sign';
      if (!saturates(name, condition))
        expectClose(ours?.loss, reference.loss_mean_true_label, exact ? 1e-5 : name === 'fmnist_at' ? 1e-4 : 0.01, 'loss');
      if (condition === 'targeted') expectClose(ours?.targetRate, reference.target_success_rate as number, 0, 'target hits', 2 / 500);
    });

    it.each(CONDITIONS)('collapse under %s', (condition) => {
      const reference = known.nc.train2000[groupsKey(condition)].recomputed_float64;
      const ours = report.collapse?.[condition];
      for (const [theirs, metric] of Object.entries(COLLAPSE) as [keyof ReferenceCollapse, keyof NonNullable<typeof ours>][]) {
        const what = `${theirs} under ${condition}`;
        if (theirs === 'nc4') expectClose(ours?.nc4, reference.nc4, 0, what, condition === 'clean' ? 1e-9 : 0.002);
        else if (!saturates(name, condition))
          expectClose(ours?.[metric], reference[theirs], tolerance(name, condition, theirs), what, 1e-6);
        else if (theirs === 'nc1') expectClose(ours?.nc1, reference.nc1, 0.1, what);
      }
      expect(ours?.rank).toBe(reference.rank_Sb);
      if (!saturates(name, condition)) expectClose(ours?.trRatio, reference.tr_ratio, tolerance(name, condition, 'nc1'), 'tr ratio');
    });

    it.each(CONDITIONS)('the cosines of the class means under %s', (condition) => {
      if (saturates(name, condition)) return;
      const reference = known.nc.train2000[groupsKey(condition)].pairwise_cos_centred_means_upper;
      const upper = report.cosines?.[condition]?.flatMap((row, a) => row.slice(a + 1)) ?? [];
      expect(upper).toHaveLength(45);
      upper.forEach((cosine, pair) => {
        expectClose(cosine, reference[pair], 0, `pair ${pair}`, tolerance(name, condition, 'nc2_angle_M'));
      });
    });

    it('counts per class what was right', () => {
      const { labels } = known.subsets.test500;
      const { pred } = known.clean.test500;
      const ofClass = (c: number, counts: (i: number) => boolean) => labels.filter((y, i) => y === c && counts(i)).length;
      const classes = Array.from({ length: 10 }, (_, c) => c);
      expect(report.classes?.samples).toEqual(classes.map((c) => ofClass(c, () => true)));
      expect(report.classes?.correct.clean).toEqual(classes.map((c) => ofClass(c, (i) => pred[i] === labels[i])));
    });

    it.each(['pgd-10', 'targeted', 'gaussian', 'sign'] as const)('the simplex under %s against the clean one', (condition) => {
      if (saturates(name, condition)) return;
      const pair = `clean_vs_${REFERENCE_NAMES[condition]}${condition === 'targeted' ? '_labels_y_plus_1' : ''}`;
      const reference = known.simplex_similarity.train2000[pair];
      const ours = report.simplex[condition];
      const relative = condition === 'gaussian' || condition === 'sign' ? 1e-4 : name === 'fmnist_at' ? 1e-3 : 0.02;
      for (const [list, expected] of [
        [ours?.distance, reference.dist_abs],
        [ours?.angle, reference.angle_abs],
        [ours?.distanceCentred, reference.dist_centred],
        [ours?.angleCentred, reference.angle_centred],
      ] as const) {
        expected.forEach((value, c) => {
          expectClose(list?.[c], value, relative, `class ${c}`, 1e-5);
        });
      }
      expectClose(ours?.globalMeanDistance, reference.muG_dist, relative, 'global distance', 1e-5);
      expectClose(ours?.globalMeanAngle, reference.muG_angle, relative, 'global angle', 1e-5);
    });

    it('every layer: scatter, NC1, and the share of nearest centres', () => {
      if (!report.layers) return expect(name).not.toBe('fmnist_at');
      for (const layer of known.layerwise.layers) {
        // A ReLU that follows a convolution at once is one node here, named after it.
        const ours = report.layers.find((l) => l.name === layer);
        if (!ours) expect.fail(`layer ${layer} is not among ${report.layers.map((l) => l.name)}`);
        for (const condition of CONDITIONS) {
          const { train2000, test500 } = known.layerwise.values[layer];
          const reference = train2000[REFERENCE_NAMES[condition]];
          const values = ours[condition] as unknown as LayerValues;
          expect(ours.dim).toBe(reference.dim);
          if (saturates(name, condition) && layer === 'gap') continue;
          // The reference groups targeted images by their true class here; ours by the class they were sent to.
          const grouped = condition !== 'targeted';
          const relative = tolerance(name, condition, 'nc1');
          const what = `${layer} under ${condition}`;
          if (grouped) {
            expectClose(values.trSw, reference.tr_Sw, relative, `tr Σ_W, ${what}`);
            expectClose(values.trSb, reference.tr_Sb, relative, `tr Σ_B, ${what}`);
            expectClose(values.nc1, reference.nc1_pinv, relative, `NC1, ${what}`);
          }
          expectClose(values.nccAccuracy, test500[REFERENCE_NAMES[condition]].ncc_accuracy, 0, `nearest centres, ${what}`, 0.0041);
          expectClose(values.nccAccuracyTrain, reference.ncc_accuracy, 0, `nearest centres in training, ${what}`, 0.0021);
        }
      }
    });
  });
});
