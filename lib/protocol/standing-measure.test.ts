import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttackId } from '../attacks/catalogue';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { Failure } from '../failure';
import type { Network } from '../model/network';
import type { Model } from '../model/preflight';
import {
  drawnRecords,
  evaluateHere,
  laboratoryOf,
  linfBoard,
  memorySource,
  modelOf,
  networkOf,
  requestFor,
  testModelFiles,
  timeless,
  worldWith,
} from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { inconsistencies } from './consistency';
import { UNITS } from './deltas';
import { type EvaluationEvent, evaluate } from './evaluate';
import { fromBase64, unpackBitmap } from './evidence';
import { type MeasureJob, measure } from './measure';
import { imageCost, plannedCost } from './plan';
import { RememberingLaboratory } from './remembering';
import { measureShare } from './share';
import type { StoredUnit, UnitStore } from './stored-unit';
import type { UnitProgress } from './unit-progress';
import type { Laboratory } from './units';
import { outside } from './witness';

const COUNT = 6;
/** Small enough that some of the images hold. */
const board: Board = { ...linfBoard, epsilon: 0.012 };
const ALL: AttackId[] = ['apgd-ce', 'apgd-dlr', 'apgd-t', 'fab-t', 'square'];
const CHAIN: AttackId[] = ['apgd-ce', 'fab-t'];
let model: Model;
let network: Network;
let labels: Int32Array;
let data: ReturnType<typeof memorySource>;

const job = (changes: Partial<MeasureJob>): MeasureJob => ({
  ...drawnRecords('test', COUNT, labels),
  ...{ split: 'test', first: 0, condition: 'clean', wantFeatures: false, wantPerturbed: false, layers: [] },
  ...changes,
});
const officialTest = { sha256: 'b'.repeat(64), records: COUNT, official: true };
const settings = { board, seed: 3, restarts: 1 };
const chain = (changes = {}) => requestFor(model, { board, attacks: CHAIN, samples: COUNT, trainSamples: 0, batch: 4, ...changes });

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
  model = await modelOf(testModelFiles('fmnist_st'));
  network = networkOf(model);
  const { predictions } = await measure(network, job({}), settings);
  labels = predictions.map((p, n) => (n === 1 ? (p + 1) % 10 : p)); // one is wrong from the start
  data = memorySource({ test: drawnRecords('test', COUNT, labels) });
});
afterAll(() => network.dispose());

describe('a unit of an attack on standing images', () => {
  it('attacks what is classified correctly; what it breaks is broken by a witness in exact units, what holds is unchanged', async () => {
    const clean = await measure(network, job({}), settings);
    const unit = await measure(network, job({ condition: 'apgd-ce', wantPerturbed: true }), settings);
    expect(unit.attacked).toBe(COUNT - 1);
    expect(unit.lostToRounding).toBeGreaterThanOrEqual(0);
    const { images } = drawnRecords('test', COUNT, labels);
    const broken = [...labels.keys()].filter((n) => clean.predictions[n] === labels[n] && unit.predictions[n] !== labels[n]);
    expect(broken.length).toBeGreaterThan(0);
    for (const n of labels.keys()) {
      const bytes = images.subarray(n * 784, (n + 1) * 784);
      const deltas = Int16Array.from(bytes, (b, i) => Math.round((unit.perturbed?.[n * 784 + i] ?? 0) * UNITS) - 128 * b);
      expect(outside(deltas, bytes, board, [28, 28, 1])).toBeUndefined();
      expect(deltas.some((d) => d !== 0)).toBe(broken.includes(n));
      expect(unit.linf[n] > 0).toBe(broken.includes(n));
      if (!broken.includes(n)) expect([unit.predictions[n], unit.losses[n]]).toEqual([clean.predictions[n], clean.losses[n]]);
    }
    const again = await measure(network, job({ perturbed: unit.perturbed }), settings);
    expect([again.predictions, again.losses]).toEqual([unit.predictions, unit.losses]);
  });

  it('begins from the outcomes that it is handed, and leaves alone what those had broken', async () => {
    const before = await measure(network, job({ condition: 'apgd-ce' }), settings);
    const unit = await measure(network, job({ condition: 'square', before }), { ...settings, board: { ...board, epsilon: 0 } });
    expect(unit.attacked).toBe(before.predictions.filter((p, n) => p === labels[n]).length);
    for (const key of ['predictions', 'losses', 'linf', 'l2'] as const) expect(unit[key]).toEqual(before[key]);
    expect([unit.forwards, unit.backwards]).toEqual([0, 0]); // a ball of radius 0 has one point
  });

  it('costs nothing where every image is wrong already', async () => {
    const wrong = await measure(network, job({ labels: Uint8Array.from(labels, (y) => (y + 3) % 10) }), settings);
    const unit = await measure(
      network,
      job({ labels: Uint8Array.from(labels, (y) => (y + 3) % 10), condition: 'apgd-t', before: wrong }),
      settings,
    );
    expect(unit).toMatchObject({
      attacked: unit.predictions.filter((p, n) => p === (labels[n] + 3) % 10).length,
      backwards: 0,
      forwards: 0,
    });
  });

  it.each([1, 2, 5])('is the same, bit for bit, with %d images at once', async (atOnce) => {
    const whole = await measure(network, job({ condition: 'fab-t', wantPerturbed: true }), settings);
    const parts = await measure(network, job({ condition: 'fab-t', wantPerturbed: true, atOnce }), settings);
    expect({ ...parts, forwards: 0 }).toEqual({ ...whole, forwards: 0 });
  });
});

describe('how far a unit is', () => {
  /** In so small a ball the images hold to the end. */
  const tiny = { ...settings, board: { ...board, epsilon: 0.002 } };
  it.each([
    ['apgd-t', COUNT, COUNT - 1],
    ['apgd-t', 4, 3],
    ['square', COUNT, COUNT - 1],
    ['pgd-10', 4, 4],
  ] as const)(
    '%s, %d images at once: it is heard of with every pass, never above what was planned, and changes no result',
    async (condition, atOnce, first) => {
      const unheard = await measure(network, job({ condition, atOnce }), tiny);
      const heard: UnitProgress[] = [];
      const unit = await measure(network, job({ condition, atOnce }), tiny, (progress) => heard.push(progress));
      expect(unit).toEqual(unheard);
      const planned = imageCost(condition, tiny) * (unit.attacked ?? COUNT);
      expect(heard.length).toBeGreaterThanOrEqual(board.steps);
      expect(heard.every(({ done }, i) => done >= (heard[i - 1]?.done ?? 0) && done <= planned + 1e-9)).toBe(true);
      expect(heard[0].standing).toBe(first);
      if (condition === 'pgd-10') expect(heard.at(-1)?.done).toBeCloseTo(4 * imageCost(condition, tiny) + 2 * board.steps, 6);
    },
  );

  it('moves the bar of a run while one unit is measured, and leaves its end where it was', async () => {
    const events: Extract<EvaluationEvent, { type: 'progress' }>[] = [];
    await evaluateHere(network, chain({ board: tiny.board, batch: COUNT }), data, {
      onEvent: (event) => void (event.type === 'progress' && events.push(event)),
    });
    expect(new Set(events.map(({ done }) => done)).size).toBeGreaterThan(100); // there are three units
    expect(events.filter(({ standing = 0 }) => standing > 0).length).toBeGreaterThan(100);
    expect(events.at(-1)).toMatchObject({ standing: 0 });
    expect(events.at(-1)?.done).toBeCloseTo(events.at(-1)?.total ?? 0, 6);
  });
});

describe('a chain of attacks', () => {
  it('runs each on what the ones before left, adds up to the worst case, and does not depend on the batch', async () => {
    const report = await evaluateHere(network, chain(), data);
    const { clean, attacks, robust, evidence } = report;
    const [ce, fab] = [attacks['apgd-ce'], attacks['fab-t']];
    expect([ce?.attacked, fab?.attacked]).toEqual([clean?.correct, ce?.correct]);
    expect(robust).toMatchObject({
      correct: fab?.correct,
      brokenBy: { 'apgd-ce': (clean?.correct ?? 0) - (ce?.correct ?? 0), 'fab-t': (ce?.correct ?? 0) - (fab?.correct ?? 0) },
    });
    const bits = (name: string) => [...unpackBitmap(fromBase64(evidence[name]), COUNT)];
    bits('fab-t').forEach((holds, n) => {
      expect(holds <= bits('apgd-ce')[n]).toBe(true);
    });
    expect(ce?.forwards).toBeGreaterThan(0);
    expect(timeless(await evaluateHere(network, chain({ batch: 1 }), data))).toEqual(timeless(report));
    const alone = await evaluateHere(network, chain({ attacks: ['fab-t'] }), data);
    expect(alone.attacks['fab-t']?.attacked).toBe(clean?.correct);
    expect(alone.robust?.correct).toBe(robust?.correct);
  });

  it('that loses its device goes on from the last finished unit, and ends in the same report', async () => {
    const whole = timeless(await evaluateHere(network, chain(), data));
    const own = new MapStore();
    let report: unknown;
    let attempts = 0;
    for (; !report; attempts++) {
      let left = 1;
      const inner = laboratoryOf(network, chain());
      const failing = {
        capacity: 1,
        measure: (j: MeasureJob) => (left-- > 0 ? inner.measure(j) : Promise.reject(new Failure('device-lost', 'gone'))),
      };
      const laboratory = new RememberingLaboratory(failing, { own, pointsBudget: 0, now: () => 0, onLost: (e) => expect.fail(String(e)) });
      report = await evaluate(chain(), worldWith(laboratory, data)).catch(() => undefined);
    }
    expect(attempts).toBe(6); // three conditions of two units
    expect(timeless(report as never)).toEqual(whole);
  });

  it('in shares comes together in the same report without a pass', async () => {
    const whole = timeless(await evaluateHere(network, chain(), data));
    const stores = [new MapStore(), new MapStore()];
    for (const [i, own] of stores.entries()) {
      const laboratory = new RememberingLaboratory(laboratoryOf(network, chain()), {
        own,
        pointsBudget: 0,
        now: () => 0,
        onLost: (e) => expect.fail(String(e)),
      });
      await measureShare(chain(), { from: i * 4, count: 4 - 2 * i }, worldWith(laboratory, data));
    }
    const nobody = { capacity: 1, measure: () => Promise.reject(new Error('nothing was left to do')) };
    const merging = new RememberingLaboratory(nobody, {
      others: stores,
      pointsBudget: 0,
      now: () => 0,
      onLost: (e) => expect.fail(String(e)),
    });
    expect(timeless(await evaluate(chain(), worldWith(merging, data)))).toEqual(whole);
  });
});

describe('what there is nothing to attack in', () => {
  it('no test images: no attack, no robust accuracy, and no pass', async () => {
    const train = memorySource({ train: drawnRecords('train', 4) });
    const report = await evaluateHere(network, chain({ samples: 0, trainSamples: 4 }), train);
    expect(report).toMatchObject({ clean: null, attacks: {}, evidence: {}, counts: { samples: 0, forwards: 4, backwards: 0 } });
    expect(report).not.toHaveProperty('robust');
    expect(report.counts).not.toHaveProperty('autoattackSamples');
  });

  it('every image is wrong: accuracy 0 throughout, and nothing but the clean pass', async () => {
    const wrong = Uint8Array.from(labels, (y, n) => (n === 1 ? (y + 1) % 10 : (y + 3) % 10));
    const { predictions } = await measure(network, job({}), settings);
    expect(wrong.some((y, n) => y === predictions[n])).toBe(false);
    const report = await evaluateHere(
      network,
      chain({ level: 'standard', attacks: ALL }),
      memorySource({ test: drawnRecords('test', COUNT, wrong) }),
    );
    expect(report).toMatchObject({ clean: { correct: 0 }, robust: { accuracy: 0, correct: 0 }, counts: { forwards: COUNT, backwards: 0 } });
    for (const id of ALL) expect(report.attacks[id]).toMatchObject({ attacked: 0, correct: 0, linfMax: 0, forwards: 0, backwards: 0 });
  });

  it.each([linfBoard, BOARDS.get('fashion-mnist/l2') as Board])(
    'radius 0 on $id: robust accuracy is clean accuracy, image by image',
    async (of) => {
      const report = await evaluateHere(network, chain({ board: { ...of, epsilon: 0 }, attacks: ALL, samples: 3 }), data);
      expect(report.clean?.correct).toBe(2);
      expect(report.robust).toMatchObject({ correct: 2, brokenBy: Object.fromEntries(ALL.map((id) => [id, 0])) });
      for (const id of ALL) expect([report.evidence[id], report.attacks[id]?.l2Max]).toEqual([report.evidence.clean, 0]);
    },
  );

  it('one image: the same outcome as in a batch', async () => {
    const whole = await evaluateHere(network, chain({ attacks: ALL, samples: 3 }), data);
    expect(timeless(await evaluateHere(network, chain({ attacks: ALL, samples: 3, batch: 1 }), data))).toEqual(timeless(whole));
  });
});

describe('AutoAttack on the first of the test images', () => {
  const few = (changes = {}) => chain({ attacks: ['pgd-margin', ...CHAIN], autoattackSamples: 5, ...changes });

  it('says of those what a run of those alone says, and of the others nothing', async () => {
    const report = await evaluateHere(network, few(), data);
    const alone = await evaluateHere(network, few({ samples: 5, autoattackSamples: undefined }), data);
    expect(report.counts).toMatchObject({ samples: COUNT, autoattackSamples: 5 });
    expect(alone.counts).toMatchObject({ samples: 5, autoattackSamples: 5 });
    for (const id of CHAIN) {
      expect({ ...report.attacks[id], durationMs: 0 }).toEqual({ ...alone.attacks[id], durationMs: 0 });
      expect(report.evidence[id]).toBe(alone.evidence[id]);
    }
    expect(report.robust).toEqual(alone.robust);
    expect(report.attacks['pgd-margin']?.accuracy).toBe((report.attacks['pgd-margin']?.correct ?? 0) / COUNT);
    expect(report.classes?.autoattackSamples).toEqual(alone.classes?.samples);
    expect(inconsistencies({ ...report, data: { test: { ...officialTest } } })).toEqual([]);
    expect(timeless(await evaluateHere(network, few({ batch: 3 }), data))).toEqual(timeless(report));
  });

  it('more than there are is all of them; without an attack of AutoAttack there is no such count', async () => {
    expect((await evaluateHere(network, few({ autoattackSamples: 1000, attacks: ['apgd-ce'] }), data)).counts.autoattackSamples).toBe(
      COUNT,
    );
    expect((await evaluateHere(network, few({ attacks: ['pgd-margin'] }), data)).counts).not.toHaveProperty('autoattackSamples');
  });

  it('costs as much as was planned at first, less what has fallen: what is left is known of those that stand alone', async () => {
    const progress: { done: number; total: number }[] = [];
    const onEvent = (event: EvaluationEvent) => void (event.type === 'progress' && progress.push(event));
    const { attacks } = await evaluateHere(network, few(), data, { onEvent });
    const request = few();
    expect(progress[0].total).toBeCloseTo(plannedCost({ ...request, layerWork: 0 }), 6);
    const spared = CHAIN.map((id) => imageCost(id, request) * (5 - (attacks[id]?.attacked ?? 0)));
    expect(spared[1]).toBeGreaterThan(spared[0]);
    expect(progress.at(-1)?.total).toBeCloseTo(progress[0].total - spared[0] - spared[1], 6);
    expect(progress.at(-1)?.done).toBeCloseTo(progress.at(-1)?.total ?? 0, 6);
  });

  it('in shares, one of which has no such image, comes together in the same report', async () => {
    const request = few({ autoattackSamples: 3, batch: 2 });
    const whole = timeless(await evaluateHere(network, request, data));
    const stores = [new MapStore(), new MapStore()];
    const remembering = (inner: Laboratory, memory: object) =>
      new RememberingLaboratory(inner, { pointsBudget: 0, now: () => 0, onLost: (e) => expect.fail(String(e)), ...memory });
    for (const [i, own] of stores.entries()) {
      await measureShare(request, { from: i * 4, count: 4 }, worldWith(remembering(laboratoryOf(network, request), { own }), data));
    }
    const nobody = { capacity: 1, measure: () => Promise.reject(new Error('nothing was left to do')) };
    expect(timeless(await evaluate(request, worldWith(remembering(nobody, { others: stores }), data)))).toEqual(whole);
  });
});

class MapStore implements UnitStore {
  private readonly units = new Map<string, StoredUnit>();
  get = async (key: string) => this.units.get(key);
  put = async (key: string, unit: StoredUnit) => void this.units.set(key, structuredClone(unit));
}
