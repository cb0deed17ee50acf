import { describe, expect, it } from 'vitest';
import {
  CHECK_IDS,
  type Check,
  cleanCheck,
  determinismCheck,
  featureCheck,
  inputRangeCheck,
  isFit,
  logitSpread,
  logitsCheck,
  passed,
  pgdCheck,
  refused,
  sizeCheck,
  timeCheck,
  zeroGradientCheck,
} from './preflight-checks';

describe('logitSpread', () => {
  it('is the largest distance of scaled logits from the first pass', () => {
    const first = Float32Array.of(3, 4, 1, 0);
    expect(logitSpread([first, first.slice()], 2)).toBe(0);
    // (0.6, 0.8) against (0.8, 0.6), and (1, 0) against (0, 1)
    expect(logitSpread([first, Float32Array.of(4, 3, 1, 0)], 2)).toBeCloseTo(Math.hypot(0.2, 0.2), 6);
    expect(logitSpread([first, first, Float32Array.of(3, 4, 0, 1)], 2)).toBeCloseTo(Math.SQRT2, 6);
  });

  it('does not mind the scale of a network, and takes zeros as they are', () => {
    expect(logitSpread([Float32Array.of(1e-20, 2e-20), Float32Array.of(1e20, 2e20)], 2)).toBeCloseTo(0, 6);
    expect(logitSpread([Float32Array.of(0, 0), Float32Array.of(0, 0)], 2)).toBe(0);
  });
});

describe('a check', () => {
  it('flags a network whose outputs do not repeat', () => {
    expect(determinismCheck([Float32Array.of(3, 4), Float32Array.of(3, 4.001)], 2).state).toBe('flagged');
    const same = determinismCheck([Float32Array.of(3, 4), Float32Array.of(3, 4)], 2);
    expect(same).toMatchObject({ state: 'passed', measured: '0 over 2 passes', allowed: 'below 0.0001' });
  });

  it('refuses probabilities, and says of a softmax that it was removed', () => {
    expect(logitsCheck(true, []).state).toBe('refused');
    expect(logitsCheck(false, ['the softmax of layer d was removed: attacks need logits']).measured).toContain('was removed');
    expect(logitsCheck(false, [])).toEqual(passed('logits', 'logits', 'not probabilities'));
  });

  it('flags accuracy near chance', () => {
    expect(cleanCheck(199, 1000, 10)).toMatchObject({ state: 'flagged', measured: '19.9 % of 1,000' });
    expect(cleanCheck(200, 1000, 10).state).toBe('passed');
  });

  it('names the scale of pixels on which a model is better', () => {
    expect(inputRangeCheck({ unit: 30, bytes: 80, signed: 40 }, 100).reasons[0]).toContain('0\u00a0…\u00a0255');
    expect(inputRangeCheck({ unit: 30, bytes: null, signed: 60 }, 100).reasons[0]).toContain('−1\u00a0…\u00a01');
    expect(inputRangeCheck({ unit: 80, bytes: null, signed: 84 }, 100)).toMatchObject({
      state: 'passed',
      measured: '80.0 % in [0, 1], 84.0 % in −1\u00a0…\u00a01',
    });
  });

  it('flags an attack that breaks nothing, and one loss that finds far more than the other', () => {
    const counts = { samples: 100, clean: 90, pgd10: 50, margin: 48, worst: 47 };
    expect(pgdCheck(counts).state).toBe('passed');
    expect(pgdCheck({ ...counts, pgd10: 90, margin: 90, worst: 90 }).reasons[0]).toContain('No image was broken');
    expect(pgdCheck({ ...counts, pgd10: 80 }).reasons[0]).toContain('saturates');
    expect(pgdCheck({ ...counts, clean: 0, pgd10: 0, margin: 0, worst: 0 }).state).toBe('passed');
  });

  it('flags gradients that are exactly zero', () => {
    expect(zeroGradientCheck(0, 256).state).toBe('passed');
    expect(zeroGradientCheck(3, 256)).toMatchObject({ state: 'flagged', measured: '1.2 % of 256' });
  });

  it('flags a missing feature layer', () => {
    expect(featureCheck({ missing: 'the model has no Dense layer' })).toMatchObject({ state: 'flagged' });
    expect(featureCheck({ name: 'flatten', dim: 128 }).measured).toBe('flatten, 128 numbers');
  });

  it('refuses a file that no request can hold', () => {
    const files = [
      { path: 'model.json', bytes: 5_000_000 },
      { path: 'a.bin', bytes: 4_000_000 },
    ];
    expect(sizeCheck(files, false)).toMatchObject({ state: 'refused', measured: '9,000,000 bytes in 2 files' });
    expect(sizeCheck(files.slice(1), true)).toMatchObject({ state: 'passed', measured: '4,000,000 bytes in 1 file, cut anew for sending' });
  });

  it('says a time as roughly as it is known', () => {
    expect([1, 33, 70, 3600, 7200].map((s) => timeCheck(s).measured)).toEqual(
      ['5 s', '35 s', '1 min', '60 min', '2.0 h'].map((t) => `about ${t} on this device`),
    );
  });
});

describe('isFit', () => {
  const all: Check[] = CHECK_IDS.map((id) => passed(id, ''));
  it('asks for every check; flags do not count against a model, refusals do', () => {
    expect(isFit(all)).toBe(true);
    expect(isFit(all.slice(1))).toBe(false);
    expect(isFit([{ ...all[0], state: 'flagged' }, ...all.slice(1)])).toBe(true);
    expect(isFit([refused(all[0].id, []), ...all.slice(1)])).toBe(false);
  });
});
