import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from '../data/datasets';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { Failure } from '../failure';
import type { Network } from '../model/network';
import type { Model } from '../model/preflight';
import { conv, modelFiles, plain, sequential } from '../testing/keras-model';
import {
  drawnRecords,
  evaluateHere,
  laboratoryOf,
  memorySource,
  modelOf,
  networkOf,
  requestFor,
  testModelFiles,
  timeless,
  worldWith,
} from '../testing/small-evaluation';
import { type EvaluationEvent, evaluate } from './evaluate';
import { fromBase64, unpackBitmap } from './evidence';
import { layerWork } from './layer-stage';
import type { MeasureJob } from './measure';
import { plannedCost } from './plan';
import type { Report } from './report';

let model: Model;
let network: Network;
let data: DataSource;
/** Everything, with the network's own clean predictions as labels of three quarters of the test images. */
let whole: Report;

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
  model = await modelOf(testModelFiles('fmnist_st'));
  network = networkOf(model);
  const probe = await laboratoryOf(network, requestFor(model)).measure({
    ...drawnRecords('test', 10),
    split: 'test',
    first: 0,
    condition: 'clean',
    wantFeatures: false,
    wantPerturbed: false,
    layers: [],
  });
  const labels = Array.from(probe.predictions, (p, n) => (n % 4 === 3 ? (p + 5) % 10 : p));
  data = memorySource({ test: drawnRecords('test', 10, labels), train: drawnRecords('train', 20) });
  whole = await evaluateHere(network, requestFor(model, { layers: true }), data);
});
afterAll(() => network.dispose());

const correctOf = (report: Report, condition: string) => [...unpackBitmap(fromBase64(report.evidence[condition]), report.counts.samples)];

/** Equal but for the order in which float64 sums were added up. */
function expectSame(a: unknown, b: unknown, at = ''): void {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Math.abs(a - b) > 1e-12 * Math.max(1, Math.abs(b))) expect.fail(`${at}: ${a} and ${b}`);
  } else if (a && b && typeof a === 'object' && typeof b === 'object') {
    expect(Object.keys(a), at).toEqual(Object.keys(b));
    for (const key of Object.keys(a)) expectSame(a[key as keyof typeof a], b[key as keyof typeof b], `${at}.${key}`);
  } else expect(a, at).toBe(b);
}

describe('the report', () => {
  it('counts what was right, per image and in sum', () => {
    expect(whole.clean?.correct).toBe(8);
    for (const [condition, { correct, accuracy }] of Object.entries(whole.attacks)) {
      expect(
        correctOf(whole, condition).reduce((a, b) => a + b, 0),
        condition,
      ).toBe(correct);
      expect(accuracy).toBe(correct / 10);
    }
    expect(correctOf(whole, 'clean')).toEqual([1, 1, 1, 0, 1, 1, 1, 0, 1, 1]);
    expect(Object.keys(whole.evidence)).toEqual(['clean', 'pgd-10', 'pgd-margin', 'targeted', 'gaussian', 'sign']);
  });

  it('counts what was right per class, and the classes add up', () => {
    const { samples, correct } = whole.classes ?? expect.fail('no classes');
    const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
    expect(samples).toHaveLength(10);
    expect(sum(samples)).toBe(10);
    expect(Object.keys(correct)).toEqual(Object.keys(whole.evidence));
    expect(sum(correct.clean ?? [])).toBe(whole.clean?.correct);
    for (const [condition, attack] of Object.entries(whole.attacks)) {
      const counts = correct[condition as 'pgd-10'] ?? [];
      expect(sum(counts), condition).toBe(attack.correct);
      counts.forEach((n, c) => {
        expect(n).toBeLessThanOrEqual(samples[c]);
      });
    }
  });

  it('takes the worst case per image over clean and both PGDs, not over noise and targeted', () => {
    const standing = correctOf(whole, 'clean').map((c, i) => c && correctOf(whole, 'pgd-10')[i] && correctOf(whole, 'pgd-margin')[i]);
    expect(whole.robust?.correct).toBe(standing.reduce((a, b) => a + b, 0));
    const broken = Object.values(whole.robust?.brokenBy ?? {}).reduce((a, b) => a + b, 0);
    expect(broken).toBe((whole.clean?.correct ?? 0) - (whole.robust?.correct ?? 0));
    expect(Object.keys(whole.robust?.brokenBy ?? {})).toEqual(['pgd-10', 'pgd-margin']);
  });

  it('keeps attacks in the ball, lets noise leave it, and reports sizes and target hits', () => {
    for (const id of ['pgd-10', 'pgd-margin', 'targeted'] as const) {
      expect(whole.attacks[id]?.linfMax).toBeGreaterThan(0.0999);
      expect(whole.attacks[id]?.linfMax).toBeLessThanOrEqual(0.1 + 1e-8);
    }
    expect(whole.attacks.gaussian?.linfMax).toBeGreaterThan(0.2);
    expect(whole.attacks.targeted?.targetRate).toBeGreaterThan(0.5);
    expect(whole.attacks['pgd-10']).not.toHaveProperty('targetRate');
    expect(whole.attacks['pgd-10']?.loss).toBeGreaterThan(whole.clean?.loss as number);
  });

  it('counts passes: 10 steps and one look per attack, one look elsewhere', () => {
    expect(whole.attacks['pgd-10']).toMatchObject({ forwards: 110, backwards: 100 });
    expect(whole.attacks.sign).toMatchObject({ forwards: 10, backwards: 0 });
    // Test: clean, 3 × PGD, 2 × noise. Train: clean, 2 × PGD, 2 × noise; layers look at each training set and 5 test sets again.
    expect(whole.counts).toEqual({
      samples: 10,
      trainSamples: 20,
      forwards: 10 * (1 + 33 + 2) + 20 * (1 + 22 + 2) + 20 * 5 + 10 * 5,
      backwards: 300 + 400,
    });
  });

  it('measures collapse on the training images, and how far each simplex moved', () => {
    expect(Object.keys(whole.collapse ?? {})).toEqual(['clean', 'pgd-10', 'targeted', 'gaussian', 'sign']);
    for (const values of Object.values(whole.collapse ?? {})) for (const v of Object.values(values)) expect(v).not.toBeNull();
    expect(Object.keys(whole.simplex)).toEqual(['pgd-10', 'targeted', 'gaussian', 'sign']);
    expect(whole.simplex['pgd-10']?.distance).toHaveLength(10);
    expect(whole.collapseReason).toBeUndefined();
  });

  it('has the cosines of the class means, whose distance from a simplex is NC2 (angles)', () => {
    expect(Object.keys(whole.cosines ?? {})).toEqual(Object.keys(whole.collapse ?? {}));
    for (const [condition, matrix] of Object.entries(whole.cosines ?? {})) {
      const apart = matrix.flatMap((row, a) => row.flatMap((v, b) => (a === b ? [] : [Math.abs((v as number) + 1 / 9)])));
      expect(apart).toHaveLength(90);
      const mean = apart.reduce((a, b) => a + b, 0) / 90;
      expect(Math.abs(mean - (whole.collapse?.[condition as 'clean']?.nc2AngleMeans as number)), condition).toBeLessThan(5e-7);
      for (const row of matrix) for (const v of row) expect(v).toBe(Number((v as number).toFixed(6)));
    }
  });

  it('has a row for each layer up to the features; the last row is the collapse itself', () => {
    const layers = whole.layers ?? [];
    expect(layers[0]).toMatchObject({ name: 'input', dim: 784 });
    expect(layers.at(-1)).toMatchObject({ name: 'gap', dim: 128 });
    expect(new Set(layers.map((l) => l.name)).size).toBe(layers.length);
    const last = layers.at(-1) as (typeof layers)[number];
    for (const condition of ['clean', 'pgd-10', 'targeted'] as const) {
      const values = last[condition] as unknown as Record<string, number>;
      expect(values.nc1).toBeCloseTo(whole.collapse?.[condition]?.nc1 as number, 6);
      expect(values.trRatio).toBeCloseTo(whole.collapse?.[condition]?.trRatio as number, 6);
    }
    const input = layers[0].clean as unknown as Record<string, number>;
    expect(input.trSw / input.trSb).toBeCloseTo(input.trRatio, 9);
    expect(input.nccAccuracy).toBeGreaterThanOrEqual(0);
    expect(input.nccAccuracyTrain).toBe(1); // two samples a class about their own mean
  });
});

describe('does not depend on who measured what when', () => {
  it.each([
    [1, 1],
    [3, 1],
    [7, 3],
  ])('units of %i images, %i at once', async (batch, capacity) => {
    const report = await evaluateHere(network, requestFor(model, { layers: true, batch }), data, { capacity });
    expectSame(timeless(report), timeless(whole));
    expect(report.evidence).toEqual(whole.evidence);
  });

  it('the same twice, to the last bit; another seed gives other attacks on the same clean images', async () => {
    const again = await evaluateHere(network, requestFor(model, { layers: true }), data);
    expect(timeless(again)).toEqual(timeless(whole));
    const other = await evaluateHere(network, requestFor(model, { seed: 2, trainSamples: 0 }), data);
    expect(other.clean).toEqual(whole.clean);
    expect(other.attacks['pgd-10']?.loss).not.toBe(whole.attacks['pgd-10']?.loss);
    expect(other.attacks.gaussian?.loss).not.toBe(whole.attacks.gaussian?.loss);
  });

  it('an attack comes out the same whichever others run beside it', async () => {
    for (const attacks of [['pgd-10'], ['sign', 'targeted'], ['gaussian']] as const) {
      const report = await evaluateHere(network, requestFor(model, { attacks: [...attacks] }), data);
      expect(Object.keys(report.attacks)).toEqual(attacks);
      for (const id of attacks) {
        expectSame({ ...report.attacks[id], durationMs: 0 }, { ...whole.attacks[id], durationMs: 0 }, id);
        expectSame(report.collapse?.[id], whole.collapse?.[id], id);
      }
      expect(report.robust === undefined).toBe(!attacks.some((a) => a === 'pgd-10'));
      expect(report.flags.some(({ id }) => id === 'zero-gradient')).toBe(attacks.some((a) => a === 'pgd-10'));
      expect(report.flags.some(({ id }) => id === 'ambiguous')).toBe(true);
      expect(report.outputs).toEqual(whole.outputs);
    }
  });
});

describe('parts that are left out', () => {
  it('no test images: no accuracies, collapse as before', async () => {
    const report = await evaluateHere(network, requestFor(model, { samples: 0, layers: true }), data);
    expect(report).toMatchObject({ clean: null, attacks: {}, evidence: {}, confidence: { grade: null } });
    expect(report.flags.map(({ id }) => id)).toEqual(['steep-layers', 'collapse-rank']);
    expect(report.robust).toBeUndefined();
    expect(report.classes).toBeUndefined();
    expect(report.cosines).toEqual(whole.cosines);
    expect(report.data.test).toBeUndefined();
    expectSame(report.collapse, whole.collapse);
    for (const layer of report.layers ?? []) expect((layer.clean as unknown as Record<string, null>).nccAccuracy).toBeNull();
  });

  it('no training images: collapse is null and says why', async () => {
    const report = await evaluateHere(network, requestFor(model, { trainSamples: 0, layers: true }), data);
    expect(report.collapse).toBeNull();
    expect(report.collapseReason).toMatch(/no training images/);
    expect(report.simplex).toEqual({});
    expect(report.cosines).toBeUndefined();
    expect(report.classes).toEqual(whole.classes);
    expect(report.layers).toBeUndefined();
    expect(report.attacks['pgd-10']?.correct).toBe(whole.attacks['pgd-10']?.correct);
  });

  it('no Dense layer: attacks run, collapse is null and says why', async () => {
    const bare = await modelOf(
      modelFiles(sequential([28, 28, 1], [conv('scores', [3, 3, 1, 10]), plain('GlobalAveragePooling2D', 'gap')])),
    );
    const network = networkOf(bare);
    const report = await evaluateHere(network, requestFor(bare, { layers: true, attacks: ['pgd-10'] }), data);
    network.dispose();
    expect(report.model).toMatchObject({ featureLayer: null, featureDim: null });
    expect(report.collapse).toBeNull();
    expect(report.collapseReason).toMatch(/no Dense layer/);
    expect(report.attacks['pgd-10']?.linfMax).toBeGreaterThan(0.09);
    expect(report.counts.backwards).toBe(100);
  });

  it('a class without training images: no value where none is defined, and never NaN', async () => {
    const holes = drawnRecords(
      'train',
      20,
      Array.from({ length: 20 }, (_, n) => n % 9),
    );
    const report = await evaluateHere(
      network,
      requestFor(model, { samples: 0, layers: true, attacks: ['pgd-10', 'targeted'] }),
      memorySource({ train: holes }),
    );
    expect(report.collapse?.clean).toMatchObject({
      nc1: null,
      nc2NormMeans: null,
      nc2AngleMeans: null,
      nc3: null,
      nc4: null,
      trRatio: null,
    });
    expect(report.collapse?.clean?.nc2NormWeights).toBeGreaterThan(0);
    expect(report.simplex['pgd-10']?.distance[9]).toBeNull();
    expect(report.cosines?.clean?.map((row) => row.map((v) => v === null))).toEqual(
      Array.from({ length: 10 }, (_, a) => Array.from({ length: 10 }, (_, b) => a === 9 || b === 9)),
    );
    expect(report.cosines?.targeted?.[0]).toEqual(new Array(10).fill(null));
    // Targeted images of class 8 are grouped under 9, and class 0 gets none.
    expect(report.simplex.targeted?.distance.map((d) => d === null)).toEqual([true, ...new Array(8).fill(false), true]);
    expect(report.layers?.[0].clean).toMatchObject({ nc1: null, trSb: null, trRatio: null });
  });

  it('more restarts never raise an accuracy, and the first one is the single run', async () => {
    const twice = await evaluateHere(network, requestFor(model, { restarts: 3, attacks: ['pgd-10', 'gaussian'], trainSamples: 0 }), data);
    expect(twice.restarts).toBe(3);
    expect(twice.attacks['pgd-10']?.correct).toBeLessThanOrEqual(whole.attacks['pgd-10']?.correct as number);
    correctOf(twice, 'pgd-10').forEach((c, i) => {
      expect(c).toBeLessThanOrEqual(correctOf(whole, 'pgd-10')[i]);
    });
    expect(twice.attacks['pgd-10']).toMatchObject({ forwards: 10 * (3 * 11 + 1), backwards: 300 });
    expect(twice.attacks.gaussian).toMatchObject({ forwards: 10 });
  });

  it('more images than there are is refused with both numbers', async () => {
    await expect(evaluateHere(network, requestFor(model, { samples: 11 }), data)).rejects.toThrow(
      'the test split of Fashion-MNIST has 10 records here, 11 were asked for',
    );
  });
});

describe('events', () => {
  it('announce every stage once, and progress ends at the planned cost', async () => {
    const events: EvaluationEvent[] = [];
    const request = requestFor(model, { layers: true });
    await evaluateHere(network, request, data, { onEvent: (e) => events.push(e) });
    const stages = events.filter((e) => e.type === 'stage');
    expect(stages.at(-1)).toMatchObject({ stage: stages[0].stages, part: 'layers', condition: 'sign' });
    expect(stages.map((s) => s.stage)).toEqual(stages.map((_, i) => i + 1));
    const progress = events.filter((e) => e.type === 'progress');
    expect(progress.at(-1)?.done).toBeCloseTo(plannedCost({ ...request, layerWork: layerWork(model) }), 9);
    expect(progress.at(-1)?.total).toBe(plannedCost({ ...request, layerWork: layerWork(model) }));
    for (let i = 1; i < progress.length; i++) expect(progress[i].done).toBeGreaterThan(progress[i - 1].done);
    const accuracies = events.filter((e) => e.type === 'accuracy' && e.condition === 'clean');
    expect(accuracies.at(-1)).toMatchObject({ correct: 8, samples: 10 });
    expect(events.filter((e) => e.type === 'collapse').map((e) => e.condition)).toEqual([
      'clean',
      'pgd-10',
      'targeted',
      'gaussian',
      'sign',
    ]);
  });
});

describe('what goes wrong', () => {
  const counting = (failAt: number, capacity: number) => {
    const state = { begun: 0, running: 0, mostAtOnce: 0 };
    const inner = laboratoryOf(network, requestFor(model), capacity);
    const laboratory = {
      capacity,
      async measure(job: MeasureJob) {
        const turn = ++state.begun;
        state.mostAtOnce = Math.max(state.mostAtOnce, ++state.running);
        try {
          if (turn === failAt) throw new Failure('device-lost', 'the GPU has gone');
          return await inner.measure(job);
        } finally {
          state.running--;
        }
      },
    };
    return { state, laboratory };
  };

  it.each([1, 3])('a unit that fails ends the evaluation with its reason, and nothing goes on (%i at once)', async (capacity) => {
    const { state, laboratory } = counting(2, capacity);
    const request = requestFor(model, { batch: 1 });
    await expect(evaluate(request, worldWith(laboratory, data))).rejects.toThrow('the GPU has gone');
    expect(state.running).toBe(0);
    expect(state.mostAtOnce).toBeLessThanOrEqual(capacity);
    expect(state.begun).toBeLessThanOrEqual(1 + 2 * capacity);
    const { begun } = state;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(state.begun).toBe(begun);
  });

  it('a signal stops it between units, and nothing goes on', async () => {
    const { state, laboratory } = counting(Number.POSITIVE_INFINITY, 2);
    const stop = new AbortController();
    const seen: EvaluationEvent[] = [];
    const onEvent = (e: EvaluationEvent) => {
      seen.push(e);
      if (e.type === 'progress' && seen.length > 8) stop.abort();
    };
    const run = evaluate(requestFor(model, { batch: 1 }), worldWith(laboratory, data, { signal: stop.signal, onEvent }));
    await expect(run).rejects.toMatchObject({ code: 'stopped' });
    expect(state.running).toBe(0);
    expect(state.begun).toBeLessThan(12);
  });

  it('a signal given beforehand measures nothing', async () => {
    const { state, laboratory } = counting(Number.POSITIVE_INFINITY, 2);
    const run = evaluate(requestFor(model), worldWith(laboratory, data, { signal: AbortSignal.abort() }));
    await expect(run).rejects.toMatchObject({ code: 'stopped' });
    expect(state.begun).toBe(0);
  });

  it('data that cannot be read end it with their reason', async () => {
    const broken: DataSource = {
      ...data,
      read: async (split, first, count) => {
        if (first > 0) throw new Failure('data-damaged', 'record 7 is damaged');
        return data.read(split, first, count);
      },
    };
    await expect(evaluateHere(network, requestFor(model), broken)).rejects.toMatchObject({
      code: 'data-damaged',
      message: 'record 7 is damaged',
    });
  });

  it('a model that gives out probabilities without a softmax layer is refused', async () => {
    const inner = laboratoryOf(network, requestFor(model));
    const laboratory = { ...inner, measure: async (job: MeasureJob) => ({ ...(await inner.measure(job)), looksLikeProbabilities: true }) };
    const run = evaluate(requestFor(model), worldWith(laboratory, data));
    await expect(run).rejects.toMatchObject({
      code: 'model-refused',
      message: expect.stringMatching(/layer logits: the outputs are probabilities/),
    });
  });

  it('leaves as many tensors as there were', async () => {
    const before = tf.memory().numTensors;
    await evaluateHere(network, requestFor(model, { layers: true, restarts: 2 }), data, { capacity: 2 });
    expect(tf.memory().numTensors).toBe(before);
    const { laboratory } = counting(3, 2);
    await evaluate(requestFor(model, { batch: 2 }), worldWith(laboratory, data)).catch(() => undefined);
    expect(tf.memory().numTensors).toBe(before);
  });
});
