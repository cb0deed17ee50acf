import { expect, it } from 'vitest';
import { CHECKS, CONFIDENCE_CHECK_IDS, type ConfidenceCheckId } from '../confidence/catalogue';
import { GRADE_RULE } from '../confidence/grade';
import { thresholdOf } from '../confidence/threshold';
import { wholeReport } from '../testing/whole-report';
import { inconsistencies } from './consistency';
import { packBitmap, toBase64 } from './evidence';
import type { Report } from './report';

const after = (change: (report: Report) => unknown) => {
  const report = wholeReport({ samples: 100, trainSamples: 0, holds: 40 });
  change(report);
  return inconsistencies(report);
};

it('a report that follows from its own evidence has nothing against it', () => {
  expect(after(() => undefined)).toEqual([]);
  expect(inconsistencies(wholeReport())).toEqual([]);
});

const standard = (change: (report: Report) => unknown = () => undefined) => {
  const report = wholeReport({ samples: 100, trainSamples: 0, holds: 40, autoattack: { samples: 60, withstand: 30 } });
  change(report);
  return inconsistencies(report);
};

it('AutoAttack on the first of the images has shares, bitmaps and a robust accuracy of those', () => {
  expect(standard()).toEqual([]);
  expect(inconsistencies(wholeReport({ autoattack: { samples: 1000, withstand: 900 } }))).toEqual([]);
  expect(standard((r) => delete r.counts.autoattackSamples)).toContain('apgd-ce.accuracy: 45 of 100 is not 0.75');
  expect(standard((r) => Object.assign(r.counts, { autoattackSamples: 101 }))).toContain(
    'counts.autoattackSamples: expected 1 to 100 images, got 101',
  );
  expect(standard((r) => Object.assign(r.robust as object, { accuracy: 0.3 }))).toEqual(['robust.accuracy: 30 of 60 is not 0.3']);
  expect(after((r) => Object.assign(r.counts, { autoattackSamples: 50 }))).toEqual([
    'counts.autoattackSamples: expected none, since no attack of AutoAttack was run',
  ]);
});

it('a report from before AutoAttack had a count of its own is read as one on all images', () => {
  const whole = wholeReport({ samples: 100, trainSamples: 0, holds: 40, autoattack: { samples: 100, withstand: 30 } });
  delete whole.counts.autoattackSamples;
  expect(inconsistencies(whole)).toEqual([]);
});

const naming = (change: (outputs: NonNullable<Report['outputs']>, report: Report) => unknown = () => undefined) =>
  after((report) => {
    const ambiguous = packBitmap(Array.from({ length: 100 }, (_, i) => i < 3));
    report.outputs = { tau: 1e-4, predictions: toBase64(new Uint8Array(100).fill(9)), ambiguous: toBase64(ambiguous) };
    report.flags.push({ id: 'ambiguous', value: 0.03, threshold: 0.01 });
    change(report.outputs, report);
  });

it('names a prediction for every image, and as many ambiguous ones as its flag', () => {
  expect(naming()).toEqual([]);
  const ofBytes = (length: number, fill = 0) => toBase64(new Uint8Array(length).fill(fill));
  expect(naming((o) => Object.assign(o, { predictions: ofBytes(99) }))).toEqual(['outputs.predictions: 99 bytes, expected 100']);
  expect(naming((o) => Object.assign(o, { predictions: ofBytes(100, 10) }))).toEqual(['outputs.predictions: class 10 of 10']);
  expect(naming((o) => Object.assign(o, { ambiguous: ofBytes(12) }))).toContain('outputs.ambiguous: 12 bytes, expected 13');
  expect(naming((o) => Object.assign(o, { ambiguous: ofBytes(13) }))).toEqual(['flags: ambiguous: expected 0 of 100 images']);
  expect(naming((_, report) => report.flags.pop())).toEqual(['flags: ambiguous: expected 3 of 100 images']);
});

it.each<[string, (report: Report) => unknown, RegExp]>([
  [
    'an inflated share',
    (r) => Object.assign(r.attacks['pgd-10'] as object, { accuracy: 0.9 }),
    /^pgd-10\.accuracy: 50 of 100 is not 0\.9$/,
  ],
  [
    'an inflated count',
    (r) => Object.assign(r.attacks['pgd-10'] as object, { correct: 90, accuracy: 0.9 }),
    /^evidence\.pgd-10: 50 images are marked correct, pgd-10\.correct says 90$/,
  ],
  [
    'an inflated robust count',
    (r) => Object.assign(r.robust as object, { correct: 80, accuracy: 0.8 }),
    /^robust\.correct: 80, but 40 images hold/,
  ],
  ['a narrow interval', (r) => Object.assign(r.robust as object, { interval95: [0.4, 0.4] }), /^robust\.interval95: expected/],
  ['missing evidence', (r) => void delete r.evidence['pgd-margin'], /^evidence\.pgd-margin: missing$/],
  [
    'evidence of other length',
    (r) => Object.assign(r.evidence, { clean: 'AQ==' }),
    /^evidence\.clean: 1 bytes, expected 13 for 100 images$/,
  ],
  ['evidence of nothing', (r) => Object.assign(r.evidence, { square: 'AQ==' }), /^evidence\.square: there is no such condition/],
  ['a waterfall without its steps', (r) => Object.assign(r.robust as object, { brokenBy: {} }), /^robust\.brokenBy: names nothing/],
  [
    'a waterfall with other steps',
    (r) => Object.assign(r.robust?.brokenBy as object, { 'pgd-10': 0 }),
    /^robust\.brokenBy: expected pgd-10 30/,
  ],
  [
    'images outside the ball',
    (r) => Object.assign(r.attacks['pgd-10'] as object, { linfMax: 0.2 }),
    /^attacks\.pgd-10: its images are 0\.2 away/,
  ],
  ['a level without its evidence', (r) => Object.assign(r, { level: 'standard' }), /^level: standard, but AutoAttack/],
  [
    'more directions than classes allow',
    (r) => Object.assign(r.collapse?.clean as object, { rank: 10 }),
    /^collapse\.clean\.rank: 10 of at most 9$/,
  ],
  ['no robust accuracy', (r) => void delete r.robust, /^robust: missing$/],
  ['more images than there are', (r) => Object.assign(r.counts, { trainSamples: 70000 }), /^counts\.trainSamples: 70000 images, of 60000$/],
  ['no clean part', (r) => Object.assign(r, { clean: null }), /^clean: expected a value$/],
])('names %s', (_, change, sentence) => {
  expect(after(change).some((reason) => sentence.test(reason))).toBe(true);
});

it('what was checked has to agree with itself; a report from before there were checks has nothing to', () => {
  const ran: Partial<Record<ConfidenceCheckId, object>> = {
    'zero-gradient': { value: 0, samples: 100 },
    probabilities: { value: 0, samples: 100 },
    'steep-layers': { value: 0 },
    'huge-radius': { value: 0.02, samples: 100 },
    'fgsm-beats-pgd': { value: 0.01, samples: 100, differ: 3 },
  };
  const checks = CONFIDENCE_CHECK_IDS.map((id) => {
    const count = ran[id];
    if (!count) return { id, value: null, threshold: CHECKS[id].threshold, raised: false, notRun: 'not here' };
    return { id, raised: false, threshold: thresholdOf(id, count), ...(count as { value: number }) };
  });
  const flags = checks.flatMap(({ id, value, threshold }) => (value === null ? [] : [{ id, value, threshold }]));
  const withChecks = (change: (report: Report) => unknown) =>
    after((report) => {
      Object.assign(report, {
        flags: structuredClone(flags),
        confidence: structuredClone({ grade: 'E', ruleVersion: GRADE_RULE, checks }),
      });
      change(report);
    });
  const checkOf = ({ confidence }: Report, wanted: ConfidenceCheckId) => confidence?.checks.find(({ id }) => id === wanted) as object;
  expect(withChecks(() => undefined)).toEqual([]);
  expect(withChecks((r) => Object.assign(r.confidence as object, { grade: 'A' }))).toEqual(['confidence.grade: A, but its checks give E']);
  expect(withChecks((r) => r.flags.pop())).toEqual(['flags: expected the checks of confidence that ran, with their values']);
  const [hidden] = withChecks((r) => Object.assign(checkOf(r, 'zero-gradient'), { value: 0.5 }));
  expect(hidden).toBe('confidence.checks.zero-gradient.raised: false, but 0.5 is to be compared with 0');
  // Nobody sets a threshold of their own, leaves a check out, or grades by a rule that is not this one.
  const [kind] = withChecks((r) => Object.assign(checkOf(r, 'huge-radius'), { threshold: 1 }));
  expect(kind).toBe(`confidence.checks.huge-radius.threshold: 1, expected ${thresholdOf('huge-radius', { samples: 100 })} for 100 images`);
  const [fewer] = withChecks((r) => Object.assign(checkOf(r, 'huge-radius'), { samples: 101 }));
  expect(fewer).toMatch(/^confidence\.checks\.huge-radius\.(threshold|samples): /);
  expect(withChecks((r) => r.confidence?.checks.pop())[0]).toMatch(/^confidence\.checks: expected each of zero-gradient, .* once$/);
  expect(withChecks((r) => Object.assign(r.confidence as object, { ruleVersion: 1 }))).toEqual([
    `confidence.ruleVersion: 1, but this version grades by rule ${GRADE_RULE}; evaluate again with it`,
  ]);
});

it('what Square alone breaks follows from the evidence', () => {
  const [threshold, samples] = [CHECKS['black-box-wins'].threshold, 60];
  const saying = (value: number) => (report: Report) => {
    const checks = CONFIDENCE_CHECK_IDS.map((id) =>
      id === 'black-box-wins'
        ? { id, value, samples, threshold: thresholdOf(id, { samples }), raised: value > thresholdOf(id, { samples }) }
        : { id, value: null, threshold: CHECKS[id].threshold, raised: false, notRun: 'not here' },
    );
    report.flags = checks.flatMap(({ id, value, threshold }) => (value === null ? [] : [{ id, value, threshold }]));
    report.confidence = { grade: 'E', ruleVersion: GRADE_RULE, checks };
  };
  expect(threshold).toBeGreaterThan(0);
  const [right] = [0, 1, 2, 3].filter((n) => standard(saying(n / samples)).length === 0);
  expect(right).toBeDefined();
  expect(standard(saying((right + 5) / samples))[0]).toMatch(/^confidence\.checks\.black-box-wins: .* by the evidence Square alone breaks/);
});
