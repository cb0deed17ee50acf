'use client';

/** Runs that this browser keeps: read when the page opens, whenever a run ends, and when the page is looked at again. */
import { useCallback, useEffect, useState } from 'react';
import { discardRun, runLetGo, type SavedRun, savedRuns } from '@/workers/browser/client';

export function useSavedRuns(busy: boolean): { saved: SavedRun[]; discard(id: string): Promise<void> } {
  const [saved, setSaved] = useState<SavedRun[]>([]);
  const read = useCallback(async () => {
    // Where the browser keeps nothing, there is nothing to continue.
    setSaved(await savedRuns().catch(() => []));
  }, []);
  useEffect(() => {
    if (busy) return;
    const ended = new AbortController();
    const follow = async (): Promise<void> => {
      await read();
      // A page that was left, or a worker that was ended, lets go of its run a moment later.
      await runLetGo(ended.signal);
      if (!ended.signal.aborted) await follow();
    };
    follow().catch(() => undefined); // the page has gone on
    document.addEventListener('visibilitychange', read);
    return () => {
      ended.abort();
      document.removeEventListener('visibilitychange', read);
    };
  }, [busy, read]);
  const discard = async (id: string) => {
    // Another tab may go on with it: then it stays, and the list says no more of it.
    await discardRun(id).catch(() => undefined);
    await read();
  };
  return { saved, discard };
}
