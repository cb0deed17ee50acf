/**
 * Runs that are under way or were interrupted, in the browser's database: what was asked for, the visitor's own files with
 * it, and every unit that was measured. A run that comes to its end leaves nothing behind.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { Failure } from '../../lib/failure';
import { differences, type RunIdentity } from '../../lib/protocol/run-identity';
import { type StoredUnit, storedUnitSchema, type UnitStore } from '../../lib/protocol/stored-unit';
import type { EvaluateRequest } from './messages';

/** What was asked for, with the name to keep it under. */
export type KeptRequest = EvaluateRequest & Required<Pick<EvaluateRequest, 'keep'>>;

/** A run as it is offered to be continued. */
export interface SavedRun {
  id: string;
  request: KeptRequest;
  run: RunIdentity;
  /** ISO date of the first start. */
  startedAt: string;
  /** Milliseconds since 1970. */
  savedAt: number;
  /** Part of the work that is done, 0 … 1. */
  share: number;
}

interface Schema extends DBSchema {
  runs: { key: string; value: SavedRun };
  units: { key: [string, string]; value: StoredUnit };
}

/** Interrupted runs that are kept; older ones make room. */
const MOST_RUNS = 3;

const lockName = (id: string) => `simplexity-run-${id}`;
const unitsOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

function openRuns(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>('simplexity-runs', 1, {
    upgrade(db) {
      db.createObjectStore('runs', { keyPath: 'id' });
      db.createObjectStore('units');
    },
  });
}

async function remove(db: IDBPDatabase<Schema>, id: string): Promise<void> {
  const tx = db.transaction(['runs', 'units'], 'readwrite');
  await Promise.all([tx.objectStore('runs').delete(id), tx.objectStore('units').delete(unitsOf(id)), tx.done]);
}

/** Runs that go on in some tab of this browser. */
async function running(): Promise<Set<string | undefined>> {
  const held = await navigator.locks?.query();
  return new Set(held?.held?.map(({ name }) => name));
}

/** Interrupted runs, the latest first; none where the browser keeps nothing. */
export async function savedRuns(): Promise<SavedRun[]> {
  if (typeof indexedDB === 'undefined') return [];
  const db = await openRuns();
  try {
    const names = await running();
    const runs = await db.getAll('runs');
    return runs.filter(({ id }) => !names.has(lockName(id))).sort((a, b) => b.savedAt - a.savedAt);
  } finally {
    db.close();
  }
}

export async function discardRun(id: string): Promise<void> {
  const db = await openRuns();
  await remove(db, id).finally(() => db.close());
}

/** Holds the run's name for this tab until the returned function is called. */
async function lock(id: string): Promise<() => void> {
  const { locks } = navigator;
  if (!locks) return () => undefined;
  return new Promise((resolve, reject) => {
    const held = locks.request(lockName(id), { ifAvailable: true }, (granted) => {
      if (!granted) throw new Failure('arguments', 'this run goes on in another tab');
      return new Promise<void>((release) => resolve(release));
    });
    held.catch(reject);
  });
}

export class RunStore implements UnitStore {
  private constructor(
    private readonly db: IDBPDatabase<Schema>,
    private readonly release: () => void,
    readonly saved: SavedRun,
  ) {}

  /** Begins a run under the request's id, or goes on with it where it is known. Throws where it is another run now. */
  static async open(request: KeptRequest, run: RunIdentity, startedAt: string, now: number): Promise<RunStore> {
    const { id } = request.keep;
    const release = await lock(id);
    let db: IDBPDatabase<Schema> | undefined;
    try {
      db = await openRuns();
      const known = await db.get('runs', id);
      const reasons = known ? differences(known.run, run) : [];
      if (reasons.length) throw new Failure('arguments', `the interrupted run can’t be continued: ${reasons.join('; ')}`);
      const saved = known ?? { id, request, run, startedAt, savedAt: now, share: 0 };
      if (!known) {
        await RunStore.makeRoom(db);
        await db.put('runs', saved);
      }
      return new RunStore(db, release, saved);
    } catch (error) {
      db?.close();
      release();
      throw error;
    }
  }

  private static async makeRoom(db: IDBPDatabase<Schema>): Promise<void> {
    const names = await running();
    const others = (await db.getAll('runs')).filter(({ id }) => !names.has(lockName(id))).sort((a, b) => b.savedAt - a.savedAt);
    for (const { id } of others.slice(MOST_RUNS - 1)) await remove(db, id);
  }

  async get(key: string): Promise<StoredUnit | undefined> {
    const unit = await this.db.get('units', [this.saved.id, key]);
    return unit && storedUnitSchema.parse(unit);
  }

  async put(key: string, unit: StoredUnit): Promise<void> {
    await this.db.put('units', unit, [this.saved.id, key]);
  }

  /** Notes how far the run has come. */
  async reached(share: number, now: number): Promise<void> {
    this.saved.share = share;
    this.saved.savedAt = now;
    await this.db.put('runs', this.saved);
  }

  /** Lets go of the run; `finished`: with everything that was kept of it. */
  async close({ finished }: { finished: boolean }): Promise<void> {
    try {
      if (finished) await remove(this.db, this.saved.id);
    } finally {
      this.db.close();
      this.release();
    }
  }
}
