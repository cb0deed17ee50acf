import { describe, expect, it } from 'vitest';
import { isPreview } from './preview';
import { isRaised, type Report, reportSchema } from './report';

const collapse = {
  nc1: 1.8,
  nc2NormMeans: 0.1,
  nc2NormWeights: 0.1,
  nc2AngleMeans: 0.1,
  nc2AngleWeights: 0.1,
  nc3: 0.15,
  nc4: 0,
  trRatio: 0.2,
  rank: 9,
};
const split = { sha256: 'a'.repeat(64), records: 10000, official: true };

function reportWith(changes: object = {}): Report {
  return {
    schema: 'report/1',
    protocol: '1',
    board: 'fashion-mnist/linf',
    level: 'pgd',
    seed: 20231107,
    restarts: 1,
    model: { sha256: 'b'.repeat(64), params: 1, macs: 1, layers: 1, featureLayer: 'gap', featureDim: 128, classes: 10, notes: [] },
    environment: { backend: 'wasm', device: 'd', engine: 'e', versions: { tfjs: '4.22.0' }, workers: 2, batch: 100 },
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 12.5,
    data: { test: split, train: { ...split, records: 60000 } },
    counts: { samples: 500, trainSamples: 2000, forwards: 1, backwards: 1 },
    clean: { accuracy: 0.91, loss: 0.39, correct: 455 },
    attacks: {
      'pgd-10': { accuracy: 0, correct: 0, loss: 26.7, linfMax: 0.1, l2Max: 2.1, durationMs: 1, forwards: 1, backwards: 1 },
    },
    robust: { accuracy: 0, correct: 0, interval95: [0, 0.008], brokenBy: { 'pgd-10': 455 } },
    collapse: { clean: collapse, 'pgd-10': { ...collapse, nc1: null } },
    simplex: {
      'pgd-10': {
        distance: [1, null],
        angle: [1, null],
        distanceCentred: [1, null],
        angleCentred: [1, null],
        globalMeanDistance: 1,
        globalMeanAngle: 0,
      },
    },
    layers: [{ name: 'gap', dim: 128, clean: { trSw: 1, trSb: 1, trRatio: 1, nc1: null, nccAccuracy: null, nccAccuracyTrain: 1 } }],
    flags: [{ id: 'zero-gradient', value: 0, threshold: 0 }],
    evidence: { clean: 'AQ==' },
    ...changes,
  } as unknown as Report;
}

describe('reportSchema', () => {
  it('accepts a report and gives it back unchanged', () => {
    const report = reportWith();
    expect(reportSchema.parse(report)).toEqual(report);
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('accepts counts per class and cosines of the class means, and reports from before they were', () => {
    const cosines = {
      clean: [
        [1, null],
        [null, null],
      ],
    };
    const report = reportWith({ classes: { samples: [3, 0], correct: { clean: [2, 0], 'pgd-margin': [0, 0] } }, cosines });
    expect(reportSchema.parse(report)).toEqual(report);
    expect(reportSchema.safeParse(reportWith()).success).toBe(true);
  });

  it('accepts what is not defined as null or absent', () => {
    const {
      robust: _,
      layers: __,
      ...rest
    } = reportWith({ clean: null, attacks: {}, collapse: null, simplex: {}, data: {}, evidence: {} });
    expect(reportSchema.safeParse({ ...rest, collapseReason: 'no training images' }).success).toBe(true);
  });

  const where = (report: object) => reportSchema.safeParse(report).error?.issues[0].path.join('.');

  it.each([
    ['durationMs', { durationMs: Number.NaN }],
    ['durationMs', { durationMs: Number.POSITIVE_INFINITY }],
    ['clean.loss', { clean: { accuracy: 0.9, correct: 1, loss: Number.NaN } }],
    ['collapse.clean.nc1', { collapse: { clean: { ...collapse, nc1: Number.NaN } } }],
    [
      'layers.0.clean.nc1',
      { layers: [{ name: 'a', dim: 1, clean: { trSw: 1, trSb: 1, trRatio: 1, nc1: Number.NaN, nccAccuracy: 1, nccAccuracyTrain: 1 } }] },
    ],
  ])('refuses a number that is not one at %s', (path, changes) => {
    expect(where(reportWith(changes))).toBe(path);
  });

  it.each([
    ['', { extra: 1 }],
    ['model', { model: { ...reportWith().model, path: '/home' } }],
    ['clean', { clean: { accuracy: 1, correct: 1, loss: 1, extra: 1 } }],
    ['attacks', { attacks: { unheard: reportWith().attacks['pgd-10'] } }],
    ['classes', { classes: { samples: [1], correct: {}, extra: 1 } }],
    ['cosines', { cosines: { unheard: [[1]] } }],
    ['collapse', { collapse: { unheard: collapse } }],
    ['layers.0.clean', { layers: [{ name: 'a', dim: 1, clean: { ...reportWith().layers?.[0].clean, extra: 1 } }] }],
  ])('refuses unknown fields in "%s"', (path, changes) => {
    expect(where(reportWith(changes))?.startsWith(path)).toBe(true);
  });

  it.each([
    ['protocol', { protocol: '2' }],
    ['seed', { seed: 2 ** 32 }],
    ['seed', { seed: -1 }],
    ['counts.samples', { counts: { samples: 1.5, trainSamples: 0, forwards: 0, backwards: 0 } }],
    ['clean.accuracy', { clean: { accuracy: 91, correct: 455, loss: 0 } }],
    ['model.sha256', { model: { ...reportWith().model, sha256: 'B'.repeat(64) } }],
    ['startedAt', { startedAt: 'yesterday' }],
    ['classes.samples.0', { classes: { samples: [1.5], correct: {} } }],
    ['classes.correct.clean.0', { classes: { samples: [1], correct: { clean: [-1] } } }],
    ['cosines.clean.0.0', { cosines: { clean: [[1.01]] } }],
    ['evidence.clean', { evidence: { clean: 'not base64!' } }],
    ['environment.backend', { environment: { ...reportWith().environment, backend: 'webgl' } }],
  ])('refuses a wrong %s', (path, changes) => {
    expect(where(reportWith(changes))).toBe(path);
  });
});

describe('isPreview', () => {
  const counts = (samples: number, trainSamples: number) => ({ counts: { samples, trainSamples, forwards: 0, backwards: 0 } });
  const attacked = (autoattackSamples: number) => ({ counts: { ...counts(10000, 10000).counts, autoattackSamples } });
  const data = (test: object, train: object) => ({ data: { test: { ...split, ...test }, train: { ...split, records: 60000, ...train } } });

  it.each([
    ['the whole test split and 10 000 training images', false, counts(10000, 10000), {}],
    ['more training images', false, counts(10000, 60000), {}],
    ['all of a split that the report makes smaller than it is', true, counts(10000, 9469), data({}, { records: 9469 })],
    ['all of a test split that it makes smaller', true, counts(20, 10000), data({ records: 20 }, {})],
    ['a part of the test split', true, counts(9999, 10000), {}],
    ['a part of the training images', true, counts(10000, 9999), {}],
    ['AutoAttack on the first 1 000 test images', false, attacked(1000), {}],
    ['AutoAttack on more', false, attacked(10000), {}],
    ['AutoAttack on fewer', true, attacked(999), {}],
    ['no training part', true, counts(10000, 0), { data: { test: split } }],
    ['no test part', true, counts(0, 10000), { data: { train: split } }],
    ['other test data', true, counts(10000, 10000), data({ official: false }, {})],
    ['other training data', true, counts(10000, 10000), data({}, { official: false })],
  ])('%s: %s', (_, preview, a, b) => {
    expect(isPreview(reportWith({ ...a, ...b }))).toBe(preview);
  });
});

it('a flag is raised above its threshold, not at it', () => {
  expect(isRaised({ id: 'zero-gradient', value: 0, threshold: 0 })).toBe(false);
  expect(isRaised({ id: 'zero-gradient', value: 0.002, threshold: 0 })).toBe(true);
});
