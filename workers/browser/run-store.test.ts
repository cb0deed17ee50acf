import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunIdentity } from '../../lib/protocol/run-identity';
import type { StoredUnit } from '../../lib/protocol/stored-unit';
import { discardRun, type KeptRequest, RunStore, savedRuns } from './run-store';

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
  async request(name: string, _: object, work: (lock: object | null) => Promise<void>) {
    if (this.names.has(name)) return work(null);
    this.names.add(name);
    return work({}).finally(() => this.names.delete(name));
  }
}

const run: RunIdentity = {
  ...{ protocol: '1', board: 'glyphs/linf', level: 'pgd', attacks: ['pgd-10'], samples: 4, trainSamples: 0, batch: 2 },
  ...{ seed: 1, restarts: 1, layers: true, model: 'ab'.repeat(32), data: { test: 'cd'.repeat(32) } },
  ...{ backend: 'wasm', device: 'a processor', versions: { tfjs: '4.22.0', simplexity: '1.0.0' } },
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
    await first.close({ finished: false });
    expect(await savedRuns()).toMatchObject([{ id: 'a', share: 0.25, savedAt: 9, request: { keep: { title: 'mine' } } }]);
    const again = await openRun('a', 100);
    expect(again.saved.startedAt).toBe('2026-01-02T03:04:05.000Z');
    expect(await again.get('test/clean/0+2/outcome')).toEqual(unit);
    expect(await again.get('test/clean/2+2/outcome')).toBeUndefined();
    await again.close({ finished: false });
  });

  it('leaves nothing behind when it has come to its end or is discarded, and other runs stay', async () => {
    for (const id of ['a', 'b', 'ab']) {
      const store = await openRun(id);
      await store.put('k', unit);
      await store.close({ finished: id === 'a' });
    }
    expect((await savedRuns()).map((r) => r.id).sort()).toEqual(['ab', 'b']);
    await discardRun('b');
    expect((await savedRuns()).map((r) => r.id)).toEqual(['ab']);
    for (const [id, kept] of [
      ['a', undefined],
      ['b', undefined],
      ['ab', unit],
    ] as const) {
      const store = await openRun(id);
      expect(await store.get('k')).toEqual(kept);
      await store.close({ finished: true });
    }
  });

  it('does not go on as another run: the model or the software has changed', async () => {
    await (await openRun('a')).close({ finished: false });
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
    await (await openRun('b')).close({ finished: true });
    await first.close({ finished: false });
    expect(await savedRuns()).toHaveLength(1);
  });

  it('makes room: three are kept, the oldest go first', async () => {
    for (const [now, id] of ['a', 'b', 'c', 'd', 'e'].entries()) await (await openRun(id, now)).close({ finished: false });
    expect((await savedRuns()).map((r) => r.id)).toEqual(['e', 'd', 'c']);
  });
});
