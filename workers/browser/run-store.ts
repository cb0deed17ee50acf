/**
 * Runs that are under way, were interrupted or have just ended, in the browser's database: what was asked for, the visitor's
 * own files with it, every unit that was measured, and in the end the report in their place.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { Failure } from '../../lib/failure';
import type { Report } from '../../lib/protocol/report';
import { differences, type RunIdentity } from '../../lib/protocol/run-identity';
import { type StoredUnit, storedUnitSchema, type UnitStore } from '../../lib/protocol/stored-unit';
import type { EvaluateRequest } from './messages';

/** What was asked for, with the name to keep it under. */
export type KeptRequest = EvaluateRequest & Required<Pick<EvaluateRequest, 'keep'>>;

/** What a run was begun as; written once, since a visitor's files may be large. */
interface Begun {
  id: string;
  request: KeptRequest;
  run: RunIdentity;
  /** ISO date of the first start. */
  startedAt: string;
}

/** How far it has come. */
interface Progress {
  id: string;
  /** Milliseconds since 1970. */
  savedAt: number;
  /** Part of the work that is done, 0 … 1. */
  share: number;
  /** Bytes of perturbed images among its units. */
  pointBytes: number;
  /** Of a run that has come to its end. */
  report?: Report;
}

/** A run as it is offered to be continued, or its report to be looked at again. */
export type SavedRun = Begun & Progress;

interface Schema extends DBSchema {
  runs: { key: string; value: Begun };
  progress: { key: string; value: Progress };
  units: { key: [string, string]; value: StoredUnit };
}

/** Runs that are kept; older ones make room. */
const MOST_RUNS = 3;

const lockName = (id: string) => `simplexity-run-${id}`;
const unitsOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

function openRuns(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>('simplexity-runs', 1, {
    upgrade(db) {
      db.createObjectStore('runs', { keyPath: 'id' });
      db.createObjectStore('progress', { keyPath: 'id' });
      db.createObjectStore('units');
    },
  });
}

async function withRuns<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await openRuns();
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

async function remove(db: IDBPDatabase<Schema>, id: string): Promise<void> {
  const tx = db.transaction(['runs', 'progress', 'units'], 'readwrite');
  await Promise.all([
    tx.objectStore('runs').delete(id),
    tx.objectStore('progress').delete(id),
    tx.objectStore('units').delete(unitsOf(id)),
    tx.done,
  ]);
}

/** Runs that no tab of this browser goes on with, the latest first. */
async function restingRuns(db: IDBPDatabase<Schema>): Promise<SavedRun[]> {
  const held = await navigator.locks?.query();
  const names = new Set(held?.held?.map(({ name }) => name));
  const progress = new Map((await db.getAll('progress')).map((p) => [p.id, p]));
  return (await db.getAll('runs'))
    .filter(({ id }) => !names.has(lockName(id)))
    .flatMap((run) => {
      const reached = progress.get(run.id);
      return reached ? [{ ...run, ...reached }] : [];
    })
    .sort((a, b) => b.savedAt - a.savedAt);
}

/** Runs that can be continued and reports that are kept; none where the browser keeps nothing. */
export async function savedRuns(): Promise<SavedRun[]> {
  return typeof indexedDB === 'undefined' ? [] : withRuns(restingRuns);
}

/** Resolves when a run that goes on somewhere in this browser is let go of; never, where none does. */
export async function runLetGo(signal: AbortSignal): Promise<void> {
  const { locks } = navigator;
  const names = ((await locks?.query())?.held ?? []).flatMap(({ name }) => (name?.startsWith(lockName('')) ? [name] : []));
  if (names.length === 0) return new Promise(() => undefined);
  await Promise.race(names.map((name) => locks.request(name, { mode: 'shared', signal }, async () => undefined)));
}

/** Throws where another tab goes on with it. */
export async function discardRun(id: string): Promise<void> {
  const release = await lock(id);
  await withRuns((db) => remove(db, id)).finally(release);
}

/** Holds the run's name for this tab until the returned function is called. */
async function lock(id: string): Promise<() => Promise<void>> {
  const { locks } = navigator;
  if (!locks) return async () => undefined;
  return new Promise((resolve, reject) => {
    const held: Promise<void> = locks.request(lockName(id), { ifAvailable: true }, (granted) => {
      if (!granted) throw new Failure('arguments', 'this run goes on in another tab');
      return new Promise<void>((letGo) => {
        resolve(async () => {
          letGo();
          await held;
        });
      });
    });
    held.catch(reject);
  });
}

export class RunStore implements UnitStore {
  private constructor(
    private readonly db: IDBPDatabase<Schema>,
    private readonly release: () => Promise<void>,
    readonly saved: SavedRun,
  ) {}

  /** Begins a run under the request's name, or goes on with it where it is known. Throws where it is another run now. */
  static async open(request: KeptRequest, run: RunIdentity, startedAt: string, now: number): Promise<RunStore> {
    const { id } = request.keep;
    const release = await lock(id);
    let db: IDBPDatabase<Schema> | undefined;
    try {
      db = await openRuns();
      const known = await db.get('runs', id);
      const reasons = known ? differences(known.run, run) : [];
      if (reasons.length) throw new Failure('arguments', `the interrupted run can’t be continued: ${reasons.join('; ')}`);
      const begun = known ?? { id, request, run, startedAt };
      const progress = (await db.get('progress', id)) ?? { id, savedAt: now, share: 0, pointBytes: 0 };
      if (!known) {
        for (const { id: old } of (await restingRuns(db)).slice(MOST_RUNS - 1)) await remove(db, old);
        await db.put('runs', begun);
        await db.put('progress', progress);
      }
      return new RunStore(db, release, { ...begun, ...progress });
    } catch (error) {
      db?.close();
      await release();
      throw error;
    }
  }

  async get(key: string): Promise<StoredUnit | undefined> {
    const unit = await this.db.get('units', [this.saved.id, key]);
    return unit && storedUnitSchema.parse(unit);
  }

  async put(key: string, unit: StoredUnit): Promise<void> {
    await this.db.put('units', unit, [this.saved.id, key]);
    this.saved.pointBytes += unit.perturbed?.byteLength ?? 0;
  }

  /** Notes how far the run has come. */
  async reached(share: number, now: number): Promise<void> {
    this.saved.share = share;
    this.saved.savedAt = now;
    const { id, pointBytes } = this.saved;
    await this.db.put('progress', { id, share, savedAt: now, pointBytes });
  }

  /** The report takes the place of the units. */
  async finish(report: Report, now: number): Promise<void> {
    const { id } = this.saved;
    const tx = this.db.transaction(['progress', 'units'], 'readwrite');
    await Promise.all([
      tx.objectStore('progress').put({ id, share: 1, savedAt: now, pointBytes: 0, report }),
      tx.objectStore('units').delete(unitsOf(id)),
      tx.done,
    ]);
  }

  async close(): Promise<void> {
    this.db.close();
    await this.release();
  }
}
