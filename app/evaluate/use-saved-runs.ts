'use client';

/** Interrupted runs that this browser keeps, read again whenever a run ends. */
import { useCallback, useEffect, useState } from 'react';
import { discardRun, type SavedRun, savedRuns } from '@/workers/browser/client';

export function useSavedRuns(busy: boolean): { saved: SavedRun[]; discard(id: string): Promise<void> } {
  const [saved, setSaved] = useState<SavedRun[]>([]);
  const read = useCallback(async () => {
    // Where the browser keeps nothing, there is nothing to continue.
    setSaved(await savedRuns().catch(() => []));
  }, []);
  useEffect(() => {
    if (!busy) void read();
  }, [busy, read]);
  const discard = async (id: string) => {
    await discardRun(id);
    await read();
  };
  return { saved, discard };
}
