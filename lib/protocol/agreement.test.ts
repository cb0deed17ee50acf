import { describe, expect, it } from 'vitest';
import { collapseValues, comparableReport as report } from '../testing/comparable-report';
import { wholeReport } from '../testing/whole-report';
import { type Agreement, agreement, flipsAllowed } from './agreement';
import { fromBase64, toBase64 } from './evidence';

const CONDITIONS = ['clean', 'pgd-10', 'pgd-margin', 'targeted', 'gaussian'];
const first = (count: number, step = 1) => Array.from({ length: count }, (_, i) => i * step);
const compared = (result: Agreement) => (result.comparable ? result : expect.fail(result.reason));
const check = (result: Agreement, id: string) => compared(result).checks.find((c) => c.id === id) ?? expect.fail(`no check ${id}`);
const failing = (result: Agreement) => compared(result).checks.flatMap((c) => (c.ok ? [] : [c.id]));

describe('a report and itself', () => {
  it('agree in every check', () => {
    const result = compared(agreement(report(), report()));
    expect(result).toMatchObject({ agrees: true, samples: 10000 });
    expect(result.checks.every((c) => c.ok && c.measured === 0)).toBe(true);
    expect(result.checks.map((c) => c.id)).toEqual([
      ...CONDITIONS.map((c) => `outcomes.${c}`),
      ...['clean', 'pgd-10', 'targeted', 'gaussian'].flatMap((c) =>
        ['nc1', 'nc2NormMeans', 'nc2NormWeights', 'nc2AngleMeans', 'nc2AngleWeights', 'nc3', 'trRatio', 'nc4', 'rank'].map(
          (m) => `collapse.${c}.${m}`,
        ),
      ),
    ]);
  });

  it('agree on few samples too', () => {
    expect(agreement(report({ samples: 3 }), report({ samples: 3 }))).toMatchObject({ agrees: true, samples: 3 });
  });
});

describe('outcomes', () => {
  it.each([
    [1, 0],
    [99, 0],
    [100, 1],
    [1999, 1],
    [2000, 2],
    [10000, 10],
  ])('of %i samples %i may differ', (samples, flips) => {
    expect(flipsAllowed(samples)).toBe(flips);
    for (const condition of ['clean', 'pgd-10', 'pgd-margin', 'gaussian']) {
      const with_ = (count: number) => agreement(report({ samples }), report({ samples, flips: { [condition]: first(count) } }));
      expect(with_(flips)).toMatchObject({ agrees: true });
      expect(failing(with_(flips + 1)).concat(samples === flips ? ['none'] : [])).toEqual([`outcomes.${condition}`]);
    }
  });

  it('of targeted attacks are shown, not compared', () => {
    const result = agreement(report(), report({ flips: { targeted: first(4000) } }));
    expect(check(result, 'outcomes.targeted')).toEqual({ id: 'outcomes.targeted', ok: true, measured: 4000, allowed: null });
    expect(result).toMatchObject({ agrees: true });
  });

  it('are compared on the samples that both have', () => {
    const late = report({ flips: { clean: [500, 501, 9999], 'pgd-10': first(9000).map((i) => 1000 + i) } });
    const result = compared(agreement(report({ samples: 500, trainSamples: 2000 }), late));
    expect(result).toMatchObject({ agrees: true, samples: 500 });
    expect(result.checks.map((c) => c.id)).toEqual(CONDITIONS.map((c) => `outcomes.${c}`));
    expect(failing(agreement(report({ samples: 502, trainSamples: 2000 }), late))).toEqual(['outcomes.clean']);
  });

  it('an attack that only one report has is passed over, one on fewer samples is compared on those', () => {
    const { gaussian: _, ...fewer } = report().evidence;
    expect(compared(agreement({ ...report(), evidence: fewer }, report())).checks.map((c) => c.id)).not.toContain('outcomes.gaussian');
    const part = { ...report(), evidence: { ...report().evidence, 'pgd-10': report({ samples: 1000 }).evidence['pgd-10'] } };
    const flipped = report({ flips: { 'pgd-10': first(9000).map((i) => 1000 + i) } });
    expect(check(agreement(part, flipped), 'outcomes.pgd-10')).toMatchObject({ measured: 0, allowed: 1 });
  });
});

describe('ambiguous samples', () => {
  const changed = { clean: [3, 40], 'pgd-10': first(11, 3) };
  const naming = (ambiguous: number[], flips = {}) => report({ flips, ambiguous });

  it('of either report are left out, and then all other clean outcomes and predictions have to be equal', () => {
    expect(agreement(naming([3, 77]), naming([40], changed))).toMatchObject({ agrees: true });
    const result = agreement(naming([3, 77]), naming([], changed));
    expect(check(result, 'outcomes.clean')).toEqual({ id: 'outcomes.clean', ok: false, measured: 1, allowed: 0 });
    expect(check(result, 'predictions.clean')).toEqual({ id: 'predictions.clean', ok: false, measured: 1, allowed: 0 });
    expect(check(result, 'outcomes.pgd-10')).toMatchObject({ measured: 10, allowed: 10 });
    expect(failing(agreement(naming([]), naming([], changed)))).toEqual(['outcomes.clean', 'outcomes.pgd-10', 'predictions.clean']);
  });

  it('apart, another wrong class is a difference too, which no bitmap shows', () => {
    const [one, other] = [naming([]), naming([])];
    const bytes = fromBase64(other.outputs?.predictions as string);
    bytes[5] ^= 1;
    const moved = { ...other, outputs: { ...other.outputs, predictions: toBase64(bytes) } as typeof other.outputs };
    expect(failing(agreement(one, moved))).toEqual(['predictions.clean']);
    expect(agreement(naming([5]), moved)).toMatchObject({ agrees: true });
  });

  it('more than 1 % of them leave nothing to verify', () => {
    expect(agreement(naming(first(100)), naming([]))).toMatchObject({ agrees: true });
    expect(agreement(naming(first(100)), naming([500]))).toEqual({
      comparable: false,
      reason: '101 of 10000 samples are ambiguous, more than 1 %',
    });
  });

  it('that a report does not name are allowed for as elsewhere', () => {
    const clean = { clean: first(10) };
    for (const [a, b] of [
      [report(), naming([], clean)],
      [naming([]), report({ flips: clean })],
    ])
      expect(agreement(a, b)).toMatchObject({ agrees: true });
  });
});

describe('collapse', () => {
  it.each([
    ['clean', 'nc1', 1.8 * 1.0009, true],
    ['clean', 'nc1', 1.8 * 1.0011, false],
    ['clean', 'nc2AngleWeights', 0.06 * 1.002, false],
    ['clean', 'trRatio', 0.23 * 0.998, false],
    ['clean', 'nc4', 0.0915, true],
    ['clean', 'nc4', 0.0916, false],
    ['clean', 'rank', 8, false],
    ['pgd-10', 'nc3', 0.15 * 1.019, true],
    ['pgd-10', 'nc3', 0.15 * 1.021, false],
    ['pgd-10', 'nc4', 0.0923, true],
    ['pgd-10', 'nc4', 0.0925, false],
    ['gaussian', 'nc1', 1.8 * 0.981, true],
    ['gaussian', 'nc1', 1.8 * 0.979, false],
    ['targeted', 'nc1', 18, true],
    ['targeted', 'rank', 5, true],
  ] as const)('%s %s of %d: agrees %s', (condition, metric, value, ok) => {
    const result = agreement(report(), report({ collapse: { [condition]: { [metric]: value } } }));
    expect(failing(result)).toEqual(ok ? [] : [`collapse.${condition}.${metric}`]);
  });

  it('of a perfect simplex is rounding, and rounding agrees', () => {
    const zero = { nc1: 1e-9, nc2NormMeans: 3e-8, nc2AngleMeans: 0, nc3: 1e-7, nc4: 0 };
    const other = { nc1: 5e-8, nc2NormMeans: 1e-7, nc2AngleMeans: 2e-7, nc3: 9e-7, nc4: 0 };
    expect(agreement(report({ collapse: { clean: zero } }), report({ collapse: { clean: other } }))).toMatchObject({ agrees: true });
  });

  it('defined in one report alone does not agree; in neither, there is nothing to compare', () => {
    const without = report({ collapse: { clean: { nc1: null } } });
    expect(check(agreement(without, report()), 'collapse.clean.nc1')).toMatchObject({ ok: false, measured: null });
    expect(compared(agreement(without, without)).checks.map((c) => c.id)).not.toContain('collapse.clean.nc1');
    expect(agreement(report({ collapse: null }), report())).toMatchObject({ agrees: true });
  });

  it('on other numbers of training images is not compared', () => {
    const fewer = report({ trainSamples: 2000, collapse: { clean: { nc1: 5 * (collapseValues.nc1 as number) } } });
    expect(agreement(fewer, report())).toMatchObject({ agrees: true });
  });
});

describe('another seed', () => {
  it('leaves clean outcomes and clean collapse to compare', () => {
    const other = report({ seed: 2, flips: { 'pgd-10': first(5000) }, collapse: { 'pgd-10': { nc1: 90 } } });
    const result = compared(agreement(report(), other));
    expect(result.agrees).toBe(true);
    expect(result.checks.every((c) => c.id.split('.')[1] === 'clean')).toBe(true);
    expect(agreement(report(), { ...report({ flips: { 'pgd-10': first(5000) } }), restarts: 2 })).toMatchObject({ agrees: true });
    expect(failing(agreement(report(), report({ seed: 2, flips: { clean: first(11) }, collapse: { clean: { nc3: 0.2 } } })))).toEqual([
      'outcomes.clean',
      'collapse.clean.nc3',
    ]);
  });
});

describe('what cannot be compared says why', () => {
  const digest = (sha256: string) => ({ sha256: sha256.repeat(64), records: 10000, official: true });
  it.each([
    ['the models differ', { model: { sha256: '0'.repeat(64) } }],
    ['the boards differ: fashion-mnist/linf, fashion-mnist/l2', { board: 'fashion-mnist/l2' }],
    ['the test data differ', { data: { ...report().data, test: digest('0') } }],
    ['the train data differ', { data: { ...report().data, train: digest('0') } }],
    ['a report has no clean outcomes', { evidence: {} }],
    ['a report has no clean outcomes', { counts: { samples: 0, trainSamples: 10000 } }],
    ['a report’s bitmap of clean outcomes is not of its size', { counts: { samples: 9992, trainSamples: 10000 } }],
  ])('%s', (reason, changes) => {
    expect(agreement(report(), { ...report(), ...changes })).toEqual({ comparable: false, reason });
  });

  it('a report without a training part can be compared with one that has it', () => {
    const { test } = report().data;
    const without = { ...report({ trainSamples: 0, collapse: null }), data: { test } };
    expect(agreement(report(), without)).toMatchObject({ agrees: true });
  });
});

it('AutoAttack’s outcomes are compared on the images that both ran it on, whatever fills up the last byte', () => {
  const run = (samples: number, withstand: number) => wholeReport({ autoattack: { samples, withstand } });
  expect(agreement(run(100, 100), run(1000, 1000))).toMatchObject({ agrees: true, samples: 10000 });
  expect(agreement(run(100, 98), run(1000, 98))).toMatchObject({ agrees: true });
  expect(failing(agreement(run(100, 98), run(1000, 1000)))).toEqual(['outcomes.apgd-t', 'outcomes.fab-t', 'outcomes.square']);
});

it('does not matter whose report is the first', () => {
  const others = [
    report({ samples: 700, flips: { clean: [1, 2], 'pgd-10': [5] } }),
    report({ seed: 3, collapse: { clean: { nc1: 1.9, nc4: 0.1, rank: 8 } } }),
    report({ collapse: { clean: { nc3: null }, 'pgd-10': { nc4: 0.2 } }, flips: { gaussian: first(30) } }),
    { ...report(), board: 'cifar-10/linf' },
  ];
  for (const other of others) {
    const [one, two] = [agreement(report(), other), agreement(other, report())];
    if (one.comparable) expect(two).toEqual(one);
    else expect(two.comparable).toBe(false);
  }
});
