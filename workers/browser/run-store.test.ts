import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../lib/protocol/report';
import type { RunIdentity } from '../../lib/protocol/run-identity';
import type { StoredUnit } from '../../lib/protocol/stored-unit';
import { discardRun, type KeptRequest, RunStore, runLetGo, savedRuns } from './run-store';

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  vi.stubGlobal('navigator', { locks: new Locks() });
});
afterEach(() => vi.unstubAllGlobals());

/** Names that are held, as the browser keeps them for all of its tabs. */
class Locks {
  private readonly names = new Set<string>();
  async query() {
    return { held: [...this.names].map((name) => ({ name })) };
  }
  async request(name: string, { ifAvailable = false }, work: (lock: object | null) => Promise<void>) {
    if (this.names.has(name) && ifAvailable) return work(null);
    while (this.names.has(name)) await new Promise((resolve) => setTimeout(resolve, 5));
    this.names.add(name);
    return work({}).finally(() => this.names.delete(name));
  }
}

const run: RunIdentity = {
  ...{ protocol: '1', board: 'glyphs/linf', level: 'pgd', attacks: ['pgd-10'], samples: 4, trainSamples: 0, batch: 2 },
  ...{ seed: 1, restarts: 1, layers: true, model: 'ab'.repeat(32), data: { test: 'cd'.repeat(32) } },
  ...{ backend: 'wasm', device: 'a processor', engine: 'node', versions: { tfjs: '4.22.0', simplexity: '1.0.0' } },
  code: 'ef'.repeat(32),
};
const request = (id: string): KeptRequest => ({
  keep: { id, title: 'mine' },
  ...{ board: 'glyphs/linf', backend: 'auto', attacks: ['pgd-10'], samples: 4, trainSamples: 0, batch: 2 },
  ...{ seed: 1, layers: true, source: { kind: 'files', files: [] } },
});
const openRun = (id: string, now = 0, changes: Partial<RunIdentity> = {}) =>
  RunStore.open(request(id), { ...run, ...changes }, '2026-01-02T03:04:05.000Z', now);
const unit: StoredUnit = {
  predictions: Int32Array.of(1),
  losses: Float64Array.of(0.5),
  linf: Float64Array.of(0.1),
  l2: Float64Array.of(1 / 3),
  looksLikeProbabilities: false,
  features: Float32Array.of(-0, Math.fround(0.1)),
  layers: [{ kind: 'within', within: { samples: 1, projected: Float64Array.of(1e300), scatter: Number.POSITIVE_INFINITY }, correct: 1 }],
  forwards: 1,
  backwards: 0,
  wallMs: 3,
};

describe('an interrupted run', () => {
  it('is offered with how far it came, and its units are there when it goes on', async () => {
    const first = await openRun('a', 5);
    await first.put('test/clean/0+2/outcome', unit);
    await first.reached(0.25, 9);
    await first.close();
    expect(await savedRuns()).toMatchObject([{ id: 'a', share: 0.25, savedAt: 9, request: { keep: { title: 'mine' } } }]);
    const again = await openRun('a', 100);
    expect(again.saved.startedAt).toBe('2026-01-02T03:04:05.000Z');
    expect(await again.get('test/clean/0+2/outcome')).toEqual(unit);
    expect(await again.get('test/clean/2+2/outcome')).toBeUndefined();
    await again.close();
  });

  it('has its report in place of its units when it has come to its end, and nothing when it is discarded; other runs stay', async () => {
    for (const id of ['a', 'b', 'ab']) {
      const store = await openRun(id);
      await store.put('k', unit);
      if (id === 'a') await store.finish({ board: 'x' } as Report, 7);
      await store.close();
    }
    expect((await savedRuns()).map(({ id, report }) => [id, report?.board]).sort()).toEqual([
      ['a', 'x'],
      ['ab', undefined],
      ['b', undefined],
    ]);
    await discardRun('b');
    expect((await savedRuns()).map((r) => r.id).sort()).toEqual(['a', 'ab']);
    for (const [id, kept] of [
      ['a', undefined],
      ['b', undefined],
      ['ab', unit],
    ] as const) {
      const store = await openRun(id);
      expect(await store.get('k')).toEqual(kept);
      await store.close();
    }
  });

  it('counts the perturbed images that it keeps, over all of its starts', async () => {
    for (const start of [1, 2]) {
      const store = await openRun('a');
      await store.put(`k${start}`, { ...unit, perturbed: new Float32Array(100) });
      await store.reached(0.1 * start, start);
      await store.close();
    }
    expect((await savedRuns())[0].pointBytes).toBe(800);
  });

  it('does not go on as another run: the model or the software has changed', async () => {
    await (await openRun('a')).close();
    await expect(openRun('a', 0, { code: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'arguments',
      message: expect.stringContaining('its code'),
    });
    await expect(openRun('a', 0, { versions: { tfjs: '4.22.0', simplexity: '2.0.0' } })).rejects.toMatchObject({
      code: 'arguments',
      message: expect.stringMatching(/can’t be continued: its software is .*1\.0\.0, here it is .*2\.0\.0$/),
    });
    expect(await savedRuns()).toHaveLength(1);
  });

  it('is not offered while it goes on, nor opened a second time; another tab may start another', async () => {
    const first = await openRun('a');
    expect(await savedRuns()).toEqual([]);
    await expect(openRun('a')).rejects.toMatchObject({ message: 'this run goes on in another tab' });
    await expect(discardRun('a')).rejects.toMatchObject({ message: 'this run goes on in another tab' });
    await (await openRun('b')).close();
    await first.close();
    expect(await savedRuns()).toHaveLength(2);
  });

  it('is told of when it is let go of', async () => {
    const store = await openRun('a');
    const told = runLetGo(new AbortController().signal).then(async () => (await savedRuns()).map((r) => r.id));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await store.close();
    expect(await told).toEqual(['a']);
  });

  it('makes room: three are kept, the oldest go first', async () => {
    for (const [now, id] of ['a', 'b', 'c', 'd', 'e'].entries()) await (await openRun(id, now)).close();
    expect((await savedRuns()).map((r) => r.id)).toEqual(['e', 'd', 'c']);
  });
});
