/** The lab's last training in the browser's database, as its last epoch left it; a new training takes its place. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { LabState } from './lab-run';

interface Schema extends DBSchema {
  trainings: { key: string; value: LabState };
}

const LAST = 'last';

async function withStore<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await openDB<Schema>('simplexity-lab', 1, { upgrade: (db) => void db.createObjectStore('trainings') });
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

export const keepLab = (state: LabState): Promise<void> => withStore(async (db) => void (await db.put('trainings', state, LAST)));

/** Undefined where nothing is kept, or the browser keeps nothing. */
export const keptLab = async (): Promise<LabState | undefined> =>
  typeof indexedDB === 'undefined' ? undefined : withStore((db) => db.get('trainings', LAST));

/** Keeps every epoch it is given. Where that cannot be done – storage blocked, or full – training goes on, and `onProblem` hears once why. */
export function epochKeeper(keep: (state: LabState) => Promise<void>, onProblem: (why: string) => void) {
  let said = false;
  return async (state: LabState): Promise<void> => {
    try {
      await keep(state);
    } catch (error) {
      // Some browsers give their reason no words but its name.
      if (!said) onProblem((error as Error).message || (error as Error).name);
      said = true;
    }
  };
}
