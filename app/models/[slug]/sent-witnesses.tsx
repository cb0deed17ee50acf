'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { type Judged, judgedOf, sentenceOf } from './witness-client';

const EVERY_MS = 2000;
/** What failed may be sent again. */
const isOver = (judged: Judged | undefined) => judged !== undefined && ['judged', 'failed', 'cancelled'].includes(judged.state);

/** Files that were sent from this page, asked about until each is judged; then the page shows the new number. */
export function SentWitnesses({ ids }: { ids: readonly string[] }) {
  const router = useRouter();
  const [known, setKnown] = useState<Record<string, Judged>>({});
  const open = ids.filter((id) => !isOver(known[id])).join(' ');
  useEffect(() => {
    if (!open) return;
    const stop = new AbortController();
    const ask = async () => {
      for (const id of open.split(' ')) {
        const judged = await judgedOf(id, stop.signal);
        if (stop.signal.aborted || !judged) continue;
        setKnown((k) => ({ ...k, [id]: judged }));
        if (judged.state === 'judged') router.refresh();
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [open, router]);
  if (ids.length === 0) return null;
  return (
    <ul aria-label="Witnesses that you sent" aria-live="polite" className="mt-3 grid gap-1">
      {ids.map((id) => (
        <li key={id}>{known[id] ? sentenceOf(known[id]) : 'Sent.'}</li>
      ))}
    </ul>
  );
}
