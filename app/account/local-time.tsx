'use client';

import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** A moment by the reader’s clock; in UTC until the page runs. */
export function LocalTime({ iso, withTime = false }: { iso: string; withTime?: boolean }) {
  const text = useSyncExternalStore(
    never,
    () => new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', ...(withTime ? { timeStyle: 'short' } : {}) }),
    () => `${iso.slice(0, 10)}${withTime ? ` ${iso.slice(11, 16)} UTC` : ''}`,
  );
  return (
    <time dateTime={iso} className="whitespace-nowrap">
      {text}
    </time>
  );
}
