/** Each check with findings that must raise it, findings that must not, and findings that say nothing. */

import { describe, expect, it } from 'vitest';
import { BUNDLED_MODELS } from '../bundled-models';
import { OPEN_END } from '../engine/kernels/activation';
import type { ModelGraph, Operation } from '../model/graph';
import { dense, modelFiles, plain, sequential } from '../testing/keras-model';
import { modelOf } from '../testing/small-evaluation';
import { assess } from './assess';
import { CHECKS, CONFIDENCE_CHECK_IDS, type ConfidenceCheckId } from './catalogue';
import { featureSpread } from './feature-spread';
import type { Findings } from './finding';
import { GRADE_SAMPLES, gradeOf } from './grade';
import { steepLayers } from './steep-layers';

/** 256 outcomes, the first `held` of them right. */
const held = (n: number, of = 256) => Array.from({ length: of }, (_, i) => i < n);

const noGraph = { nodes: [] as ModelGraph['nodes'] } as ModelGraph;
/** A run against which nothing speaks. */
const healthy = {
  'pgd-10': held(150),
  clean: held(220),
  'apgd-ce': held(145),
  'apgd-t': held(140),
  'fab-t': held(140),
  square: held(140),
  'check-passes': held(220),
  'check-shift': held(210),
  'check-noise': held(220),
  'check-fgsm': held(170),
  'check-pgd-half': held(180),
  'check-pgd-double': held(70),
  'check-apgd-200': held(144),
  'check-huge': held(0),
  'check-smooth': held(144),
  'check-transfer': held(144),
};
const findings = (holds: Record<string, boolean[]> = {}, changes: Partial<Findings> = {}): Findings => ({
  graph: noGraph,
  classes: 10,
  holds: new Map(Object.entries({ ...healthy, ...holds })),
  zeroGradients: 0,
  looksLikeProbabilities: false,
  ambiguous: new Uint8Array(256),
  mustBreak: new Uint8Array(256).fill(2),
  spread: 0,
  features: { rank: 9, everyClass: true, constant: 0.2, saturated: 0, samples: 500 },
  notProbed: 'checks were not asked for',
  ...changes,
});
const raisedBy = (f: Findings) => assess(f, true).confidence.checks.flatMap(({ id, raised }) => (raised ? [id] : []));
const resultOf = (f: Findings, id: ConfidenceCheckId) => assess(f, true).confidence.checks.find((c) => c.id === id);

it('a run against which nothing speaks raises nothing, and lists every check', () => {
  const { confidence, flags } = assess(findings(), true);
  expect(confidence.checks.map(({ id }) => id)).toEqual(CONFIDENCE_CHECK_IDS);
  expect(raisedBy(findings())).toEqual([]);
  expect(confidence.grade).toBe('A');
  const ran = confidence.checks.filter(({ value }) => value !== null);
  expect(flags).toEqual(ran.map(({ id, value, threshold }) => ({ id, value, threshold })));
  expect(confidence.checks.filter(({ notRun }) => notRun).map(({ id }) => id)).toEqual(['duplicate-weights']);
});

it.each<[ConfidenceCheckId, Findings]>([
  ['zero-gradient', findings({}, { zeroGradients: 1 })],
  ['probabilities', findings({}, { looksLikeProbabilities: true })],
  ['randomised-output', findings({}, { spread: 2e-4 })],
  ['no-convergence', findings({ 'check-apgd-200': held(136), 'check-smooth': held(140) })],
  ['huge-radius', findings({ 'check-huge': held(21) })],
  ['fgsm-beats-pgd', findings({ 'check-fgsm': held(145) })],
  ['larger-radius', findings({ 'check-pgd-double': held(155) })],
  ['larger-radius', findings({ 'check-pgd-half': held(100) })],
  ['shift-sensitivity', findings({ 'check-shift': held(20) })],
  ['noise-sensitivity', findings({ 'check-noise': held(199) })],
  ['black-box-wins', findings({ square: held(137) })],
  ['collapse-rank', findings({}, { features: { rank: 8, everyClass: true, constant: 0, saturated: 0, samples: 500 } })],
  ['saturated-features', findings({}, { features: { rank: 9, everyClass: true, constant: 0, saturated: 0.8, samples: 500 } })],
  ['constant-features', findings({}, { features: { rank: 9, everyClass: true, constant: 0.95, saturated: 0, samples: 500 } })],
])('%s is raised', (id, f) => {
  expect(raisedBy(f)).toEqual([id]);
});

it('what chance explains is not raised, whichever way images fall', () => {
  for (const [images, raised] of [
    [138, []],
    [137, ['black-box-wins']],
  ] as const) {
    expect(raisedBy(findings({ square: held(images) })), String(images)).toEqual(raised);
  }
  expect(resultOf(findings(), 'black-box-wins')?.threshold).toBe(2 / 256);
  // What 100 steps break and 200 do not takes nothing back: scores are the worst of each image.
  const longer = (more: number) => findings({ 'check-apgd-200': Array.from({ length: 256 }, (_, i) => i >= more && i < 150) });
  expect(raisedBy(longer(3))).toEqual([]);
  expect(raisedBy(longer(4))).toEqual(['no-convergence']);
  // Two that one step alone breaks, and three; nine and ten, where five others fall to ten steps alone.
  const oneStep = (more: number, fewer: number) =>
    findings({ 'check-fgsm': Array.from({ length: 256 }, (_, i) => (i < 150 ? i >= more : i < 150 + fewer)) });
  expect(raisedBy(oneStep(2, 0))).toEqual([]);
  expect(raisedBy(oneStep(3, 0))).toEqual(['fgsm-beats-pgd']);
  expect(raisedBy(oneStep(14, 5))).toEqual([]);
  expect(raisedBy(oneStep(15, 5))).toEqual(['fgsm-beats-pgd']);
});

it('above the threshold by no more than chance explains: no flag, and no pass for a grade', () => {
  const f = (only: number) => findings({ square: held(140 - only) });
  expect([1, 2, 3].map((n) => assess(f(n), true)).map(({ confidence }) => confidence.grade)).toEqual(['A', 'C', 'C']);
  expect(raisedBy(f(2))).toEqual([]);
  expect(raisedBy(f(3))).toEqual(['black-box-wins']);
});

it('on many images a threshold comes near that of the catalogue', () => {
  const many = findings(Object.fromEntries(['apgd-ce', 'apgd-t', 'fab-t', 'square'].map((id) => [id, held(140, 10_000)])));
  const { threshold } = CHECKS['black-box-wins'];
  expect(resultOf(many, 'black-box-wins')?.threshold).toBeGreaterThan(threshold);
  expect(resultOf(many, 'black-box-wins')?.threshold).toBeLessThan(1.5 * threshold);
});

it('images that count as robust and fall to a probe in the same ball are counted, each once', () => {
  const besides = (holds: Record<string, boolean[]>) => assess(findings(holds), true).confidence.besides;
  expect(besides({})).toEqual({ broken: 0, samples: 256 });
  // Of 140 that hold, 3 fall to the longer search, 2 of them to one step too; what is beyond the ball, or broken already, is nothing new.
  expect(besides({ 'check-apgd-200': held(137), 'check-fgsm': held(138), 'check-pgd-double': held(0) })).toEqual({
    broken: 3,
    samples: 256,
  });
  expect(besides({ square: held(100), 'check-apgd-200': held(120) })).toEqual({ broken: 0, samples: 256 });
  expect(assess({ ...findings(), holds: new Map([['clean', held(9)]]) }, true).confidence.besides).toBeUndefined();
});

it('what PGD has broken does not count for Square', () => {
  expect(raisedBy(findings({ square: held(130), 'pgd-10': held(130), 'check-pgd': held(150) }))).toEqual([]);
});

it('a probe stands in for what the run itself did not measure so', () => {
  const f = findings({ 'check-pgd': held(160), 'check-fgsm': held(158) });
  expect(resultOf(f, 'fgsm-beats-pgd')).toMatchObject({ value: 2 / 256, samples: 256 });
});

describe('not run is said with its reason, never a number', () => {
  const nothing: Findings = {
    ...{ graph: noGraph, classes: 10, holds: new Map(), features: { missing: 'the model has no Dense layer' } },
    notProbed: 'no test image was measured',
  };
  it('without test images', () => {
    const { confidence, flags } = assess(nothing, false);
    expect(confidence.grade).toBeNull();
    expect(flags).toEqual([{ id: 'steep-layers', value: 0, threshold: 0 }]);
    for (const check of confidence.checks.filter(({ id }) => id !== 'steep-layers')) {
      expect(check, check.id).toMatchObject({ value: null, raised: false, notRun: expect.stringMatching(/./) });
    }
  });

  it('Square without the gradient attacks; features of too few images, or of too few classes', () => {
    const holds = new Map(Object.entries({ clean: held(9), square: held(5) }));
    expect(resultOf({ ...nothing, holds }, 'black-box-wins')?.notRun).toBe('apgd-ce, apgd-t, fab-t did not run beside square');
    const few = findings({}, { features: { rank: 4, everyClass: false, constant: 1, saturated: 1, samples: 20 } });
    expect(raisedBy(few)).toEqual([]);
    expect(resultOf(few, 'constant-features')?.notRun).toBe('20 training images are too few; at least 256');
    expect(resultOf(few, 'collapse-rank')?.notRun).toMatch(/every class/);
  });

  it('all images wrong already is a result like any other', () => {
    const none = Object.fromEntries(Object.keys(healthy).map((id) => [id, held(0)]));
    expect(raisedBy(findings(none))).toEqual([]);
  });
});

describe('a grade', () => {
  const of = (passed: readonly string[], raised: readonly string[] = [], samples = GRADE_SAMPLES) =>
    gradeOf(
      [...passed.map((id) => ({ id, value: 0, raised: false, samples })), ...raised.map((id) => ({ id, value: 1, raised: true, samples }))],
      true,
    );
  const upTo = (grade: 'A' | 'B' | 'C' | 'D') =>
    CONFIDENCE_CHECK_IDS.filter((id) => (CHECKS[id].grade ?? 'Z') >= grade && CHECKS[id].grade);

  it('needs the checks of its own and of every lower one', () => {
    for (const grade of ['A', 'B', 'C', 'D'] as const) expect(of(upTo(grade))).toBe(grade);
    expect(of([])).toBe('E');
    expect(of(upTo('A').filter((id) => id !== 'zero-gradient'))).toBe('E');
    expect(gradeOf([], false)).toBeNull();
  });

  it('is never better for having run less, whichever check is left out or raised', () => {
    const order = ['E', 'D', 'C', 'B', 'A'];
    const all = upTo('A');
    for (let left = 0; left < 2 ** 6; left++) {
      const passed = all.filter((_, i) => !((left >> (i % 6)) & 1));
      const rest = all.filter((id) => !passed.includes(id));
      const grade = of(passed) as string;
      expect(of(passed, rest), rest.join()).toBe(grade);
      for (const id of passed) {
        const fewer = of(passed.filter((other) => other !== id)) as string;
        expect(order.indexOf(fewer)).toBeLessThanOrEqual(order.indexOf(grade));
      }
    }
  });

  it('does not count what was checked on too few images, and takes what the graph alone says', () => {
    expect(of(upTo('C'), [], GRADE_SAMPLES - 1)).toBe('E');
    const graph = { id: 'steep-layers', value: 0, raised: false };
    const images = ['zero-gradient', 'probabilities'].map((id) => ({ id, value: 0, raised: false, samples: 300 }));
    expect(gradeOf([graph, ...images], true)).toBe('D');
  });
});

describe('features', () => {
  it('that switch, that do not move, and that a ReLU lets through', () => {
    const rows = Float32Array.from({ length: 400 }, (_, i) => {
      const n = Math.floor(i / 4);
      const varying = Math.sin(n) + 2;
      return [n % 2, 5, n % 10 ? 0 : varying, varying][i % 4];
    });
    expect(featureSpread([rows.subarray(0, 120), rows.subarray(120)], 4)).toEqual({ constant: 0.25, saturated: 1 / 3, samples: 100 });
    expect(featureSpread([new Float32Array(8).fill(0)], 4)).toEqual({ constant: 1, saturated: 0, samples: 2 });
  });
});

describe('layers', () => {
  const names = async (gain: number, activation: string) => {
    const model = await modelOf(
      modelFiles(
        sequential(
          [28, 28, 1],
          [
            plain('Rescaling', 'scale', { scale: gain, offset: 0 }),
            plain('Activation', 'act', { activation }),
            plain('Flatten', 'flat'),
            dense('out', [784, 10]),
          ],
        ),
      ),
    );
    return steepLayers(model.graph);
  };

  it('a sigmoid that steps within a grey level is a threshold; one on plain pixels is not', async () => {
    expect(await names(3000, 'sigmoid')).toEqual(['act']);
    expect(await names(1, 'sigmoid')).toEqual([]);
    expect(await names(3000, 'tanh')).toEqual(['act']);
    expect(await names(3000, 'relu')).toEqual([]);
  });

  const inRow = (...ops: Operation[]) =>
    steepLayers({ nodes: [{ kind: 'input' as const }, ...ops].map((op, i) => ({ name: `n${i}`, op, inputs: i ? [i - 1] : [] })) } as never);
  const times = (k: number, relu = false): Operation => ({ kind: 'affine', scale: Float32Array.of(k), shift: Float32Array.of(0), relu });
  const clip = (alpha: number, beta: number): Operation => ({ kind: 'activation', activation: { name: 'clip', alpha, beta } });
  const act = (name: 'sigmoid' | 'relu'): Operation => ({ kind: 'activation', activation: { name } });

  it('a threshold in pieces is one: clips and ReLUs in a row, gains one after another, with what only moves values in between', () => {
    expect(inRow(times(3000), clip(0, OPEN_END), clip(-OPEN_END, 1))).toEqual(['n3']);
    expect(inRow(times(3000), act('relu'), { kind: 'reshape' } as Operation, clip(-OPEN_END, 1))).toEqual(['n4']);
    expect(inRow(times(3000, true), clip(-OPEN_END, 1))).toEqual(['n2']);
    expect(inRow(times(60), times(60), act('sigmoid'))).toEqual(['n3']);
    expect(inRow(times(60), { kind: 'reshape' } as Operation, times(60), { kind: 'reshape' } as Operation, act('sigmoid'))).toEqual(['n5']);
    // Open at one end, wide, of little gain, or parted by a ReLU: what honest networks are made of.
    expect(inRow(times(3000), clip(0, OPEN_END))).toEqual([]);
    expect(inRow(times(100), act('relu'), clip(-OPEN_END, 6))).toEqual([]);
    expect(inRow(times(60), act('sigmoid'))).toEqual([]);
    expect(inRow(times(60, true), times(60), act('sigmoid'))).toEqual([]);
  });

  it('what is added, set side by side or stretched on its way is seen', () => {
    const leaky: Operation = { kind: 'activation', activation: { name: 'leakyRelu', alpha: 0.1 } };
    expect(inRow(times(3000), leaky, act('sigmoid'))).toEqual(['n3']);
    expect(inRow(times(3000), act('relu'), act('sigmoid'))).toEqual(['n3']);
    expect(inRow(times(100), leaky, act('sigmoid'))).toEqual([]);
    const joined = (kind: 'add' | 'concat', k: number) =>
      steepLayers({
        nodes: [
          { name: 'x', op: { kind: 'input' }, inputs: [] },
          { name: 'a', op: times(k), inputs: [0] },
          { name: 'b', op: times(k), inputs: [0] },
          { name: 'c', op: { kind }, inputs: [1, 2] },
          { name: 'act', op: act('sigmoid'), inputs: [3] },
        ],
      } as never);
    expect([joined('add', 1500), joined('add', 500)]).toEqual([['act'], []]);
    expect([joined('concat', 3000), joined('concat', 1500)]).toEqual([['act'], []]);
  });

  it.each(BUNDLED_MODELS.map(({ id }) => id))('%s has none', async (id) => {
    const { bundledFiles } = await import('../testing/small-evaluation');
    expect(steepLayers((await modelOf(bundledFiles(id))).graph)).toEqual([]);
  });
});

it('ambiguous images are raised above 1 %, by two at least', () => {
  const marked = (count: number, samples = 1000) => Uint8Array.from({ length: samples }, (_, i) => (i < count ? 1 : 0));
  expect(raisedBy(findings({}, { ambiguous: marked(10) }))).toEqual([]);
  expect(raisedBy(findings({}, { ambiguous: marked(11) }))).toEqual(['ambiguous']);
  expect(raisedBy(findings({}, { ambiguous: marked(1, 50) }))).toEqual([]);
  expect(resultOf(findings({}, { ambiguous: undefined }), 'ambiguous')).toMatchObject({
    value: null,
    notRun: 'no test image was measured',
  });
});

describe('what looks behind masked gradients', () => {
  it.each([
    ['check-smooth', 'smooth-replacement'],
    ['check-transfer', 'transfer-wins'],
  ] as const)('%s counts what it alone breaks', (probe, id) => {
    expect(raisedBy(findings({ [probe]: held(138) }))).toEqual([]); // two images may be chance
    expect(raisedBy(findings({ [probe]: held(137) }))).toEqual([id]);
    // What an attack of the run has broken as well is nothing new.
    expect(raisedBy(findings({ [probe]: held(137), 'apgd-t': held(137) }))).toEqual([]);
    expect(resultOf(findings({ [probe]: held(137) }), id)).toMatchObject({ samples: 256, value: 3 / 256, threshold: 2 / 256 });
  });

  it('a transfer without a surrogate says why there is none', () => {
    const { 'check-transfer': _, ...others } = healthy;
    const without = {
      ...findings({}, { noSurrogate: 'no surrogate is pinned for cifar-100/linf' }),
      holds: new Map(Object.entries(others)),
    };
    expect(resultOf(without, 'transfer-wins')).toMatchObject({ value: null, notRun: 'no surrogate is pinned for cifar-100/linf' });
  });

  it('the attack has to break what must break, on 95 % of the images, all but a tenth of whose networks could be altered', () => {
    const outcomes = (failed: number, untouched = 0) =>
      Uint8Array.from({ length: 256 }, (_, i) => (i < untouched ? 0 : i < untouched + failed ? 1 : 2));
    expect(raisedBy(findings({}, { mustBreak: outcomes(20) }))).toEqual([]);
    expect(raisedBy(findings({}, { mustBreak: outcomes(21) }))).toEqual(['attack-unit-test']);
    // One network that could not be altered costs nothing; many leave nothing tested.
    expect(assess(findings({}, { mustBreak: outcomes(0, 1) }), true).confidence.grade).toBe('A');
    expect(resultOf(findings({}, { mustBreak: outcomes(8, 20) }), 'attack-unit-test')).toMatchObject({ value: 8 / 256, samples: 256 });
    expect(resultOf(findings({}, { mustBreak: outcomes(8, 56) }), 'attack-unit-test')).toMatchObject({
      value: null,
      notRun: 'on 56 of 256 images the last layer could not be altered so that it must break',
    });
    expect(resultOf(findings({}, { mustBreak: new Uint8Array(256) }), 'attack-unit-test')).toMatchObject({
      notRun: 'the last layer could not be altered so that it must break',
    });
  });
});
