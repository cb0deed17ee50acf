/** A run that breaks off and goes on, or is put together from parts, must end in the report of a run in one piece. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { Failure } from '../failure';
import type { Network } from '../model/network';
import type { Model } from '../model/preflight';
import {
  drawnRecords,
  laboratoryOf,
  memorySource,
  modelOf,
  networkOf,
  requestFor,
  testModelFiles,
  worldWith,
} from '../testing/small-evaluation';
import { type EvaluationRequest, evaluate } from './evaluate';
import type { MeasureJob } from './measure';
import { type Memory, RememberingLaboratory } from './remembering';
import type { Report } from './report';
import { type StoredUnit, storedUnitSchema, type UnitStore } from './stored-unit';
import type { Laboratory } from './units';

let model: Model;
let network: Network;
const data = memorySource({ test: drawnRecords('test', 10), train: drawnRecords('train', 20) });

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
  model = await modelOf(testModelFiles('fmnist_st'));
  network = networkOf(model);
});
afterAll(() => network.dispose());

class MemoryStore implements UnitStore {
  readonly units = new Map<string, StoredUnit>();
  async get(key: string) {
    const unit = this.units.get(key);
    return unit && (storedUnitSchema.parse(structuredClone(unit)) as StoredUnit);
  }
  async put(key: string, unit: StoredUnit) {
    this.units.set(key, structuredClone(unit));
  }
}

const withLayers = (changes: Partial<EvaluationRequest> = {}) => requestFor(model, { layers: true, ...changes });

const isAttack = (job: MeasureJob) => job.condition === 'pgd-10' && !job.perturbed;

/** Breaks off when it is asked for one unit more than `most`; counts images under attack. */
function breakingAfter(most: number, request: EvaluationRequest): Laboratory & { jobs: MeasureJob[] } {
  const inner = laboratoryOf(network, request);
  const jobs: MeasureJob[] = [];
  return {
    capacity: 1,
    jobs,
    measure: async (job) => {
      if (jobs.length >= most) throw new Failure('device-lost', 'pulled out');
      jobs.push(job);
      return inner.measure(job);
    },
  };
}

function remembering(inner: Laboratory, memory: Partial<Memory>) {
  return new RememberingLaboratory(inner, {
    pointsBudget: Infinity,
    now: () => 0,
    onLost: (error) => expect.fail(String(error)),
    ...memory,
  });
}

const evaluateIn = (laboratory: Laboratory, request = withLayers()) => evaluate(request, worldWith(laboratory, data));
/** All but what a clock says. */
const lasting = ({ durationMs: _, attacks, ...rest }: Report) => ({
  ...rest,
  attacks: Object.fromEntries(Object.entries(attacks).map(([id, { durationMs: __, ...attack }]) => [id, attack])),
});

describe.each([
  ['with every perturbed image kept', Infinity],
  ['with room for a few perturbed images', 10 * 784 * 4],
  ['without room for perturbed images', 0],
])('a run that breaks off again and again, %s', (_, pointsBudget) => {
  it('ends in the same report, bit for bit, and measures nothing twice that was kept', async () => {
    const request = withLayers();
    const whole = lasting(await evaluateIn(laboratoryOf(network, request)));
    const own = new MemoryStore();
    let attacked = 0;
    let report: Report | undefined;
    for (let attempt = 0; !report && attempt < 30; attempt++) {
      const inner = breakingAfter(25, request);
      const before = own.units.size;
      report = await evaluateIn(remembering(inner, { own, pointsBudget })).catch((error) => {
        expect(error).toMatchObject({ code: 'device-lost' });
        return undefined;
      });
      attacked += inner.jobs.filter(isAttack).length;
      if (!report && pointsBudget === Infinity) expect(own.units.size).toBeGreaterThan(before);
      if (pointsBudget < Infinity && attempt === 0) break;
    }
    const attackedBefore = attacked;
    const again = breakingAfter(Infinity, request);
    report ??= await evaluateIn(remembering(again, { own, pointsBudget }));
    expect(lasting(report)).toEqual(whole);
    // 10 test images and 20 training images in units of 7.
    // What is not kept is attacked again: by the second run, for the units that the first had done (counted there alone).
    expect(attacked).toBe(pointsBudget === Infinity ? 2 + 3 : attackedBefore);
    if (pointsBudget < Infinity) expect(again.jobs.filter(isAttack).length).toBeGreaterThan(0);
  });
});

it('asks for nothing at all when everything is known and no layers are wanted', async () => {
  const request = requestFor(model);
  const own = new MemoryStore();
  const first = await evaluateIn(remembering(laboratoryOf(network, request), { own }), request);
  const nobody = breakingAfter(0, request);
  const again = remembering(nobody, { own });
  expect(lasting(await evaluateIn(again, request))).toEqual(lasting(first));
  expect(again.counts).toEqual({ known: own.units.size, measured: 0 });
});

it('looks into several places and measures what is in none of them', async () => {
  const request = requestFor(model);
  const whole = new MemoryStore();
  const report = await evaluateIn(remembering(laboratoryOf(network, request), { own: whole }), request);
  const parts = [new MemoryStore(), new MemoryStore()];
  [...whole.units].forEach(([key, unit], i) => {
    if (i % 3 < 2) parts[i % 3].units.set(key, unit);
  });
  const merged = remembering(laboratoryOf(network, request), { others: parts });
  expect(lasting(await evaluateIn(merged, request))).toEqual(lasting(report));
  expect(merged.counts.measured).toBe(Math.floor(whole.units.size / 3));
});

it('is ahead by the time that known units had taken, so that stages and the whole last as long as they did', async () => {
  const request = requestFor(model);
  const own = new MemoryStore();
  let ms = 0;
  const slow: Laboratory = {
    capacity: 1,
    measure: async (job) => {
      ms += 1000;
      return laboratoryOf(network, request).measure(job);
    },
  };
  const run = async (inner: Laboratory) => {
    const laboratory = remembering(inner, { own, now: () => ms });
    return evaluate(request, { ...worldWith(laboratory, data), now: () => ms + laboratory.replayedMs });
  };
  const first = await run(slow);
  expect(first.durationMs).toBe(1000 * own.units.size);
  expect(first.attacks['pgd-10']?.durationMs).toBe(2000);
  ms = 50_000_000;
  const again = await run(breakingAfter(0, request));
  expect(again).toEqual(first);
});

it('goes on without keeping when the place is full, and says so once', async () => {
  const request = requestFor(model);
  const lost: unknown[] = [];
  const full: UnitStore = { get: async () => undefined, put: () => Promise.reject(new Error('no space left')) };
  const report = await evaluateIn(remembering(laboratoryOf(network, request), { own: full, onLost: (e) => lost.push(e) }), request);
  expect(report.clean?.accuracy).toBeDefined();
  expect(lost).toEqual([new Error('no space left')]);
});

it('measures again what can’t be read any more, and says so once', async () => {
  const request = requestFor(model);
  const own = new MemoryStore();
  const first = await evaluateIn(remembering(laboratoryOf(network, request), { own }), request);
  const lost: unknown[] = [];
  const get = async (key: string) => {
    if (key.includes('/sign/')) throw new Error('unreadable');
    return own.get(key);
  };
  const again = remembering(laboratoryOf(network, request), { own: { get, put: async () => undefined }, onLost: (e) => lost.push(e) });
  expect(lasting(await evaluateIn(again, request))).toEqual(lasting(first));
  expect(again.counts.measured).toBe(2 + 3);
  expect(lost).toEqual([new Error('unreadable')]);
});
