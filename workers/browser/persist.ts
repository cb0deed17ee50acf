/** Asks the browser to keep what a run has stored when space gets short. Pages alone may ask, workers may not. */

/** With less room than this for the site, what is not persistent is in danger: runs keep up to a gigabyte. */
const TIGHT_BYTES = 2 ** 32;

/** Resolves to a sentence where the answer matters: it is no, and space is short. Never rejects. */
export async function persistenceNote(storage: StorageManager | undefined): Promise<string | undefined> {
  try {
    if (!storage?.persist || (await storage.persisted()) || (await storage.persist())) return undefined;
    const { quota = 0, usage = 0 } = await storage.estimate();
    if (quota === 0 || quota - usage >= TIGHT_BYTES) return undefined;
    return 'Space is short here, and this browser does not promise to keep the run: it may have to be measured again after a reload.';
  } catch {
    return undefined; // a browser that does not say keeps what it can
  }
}

let asked: Promise<string | undefined> | undefined;

/** Some browsers ask the visitor: once a page. */
export const askToPersist = (): Promise<string | undefined> => (asked ??= persistenceNote(navigator.storage));
