'use client';

import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** A time: UTC in the page as it comes, the reader's own clock once scripts run. */
export function When({ iso }: { iso: string }) {
  const local = useSyncExternalStore(
    never,
    () => new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
    () => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`,
  );
  return (
    <time dateTime={iso} title={iso} className="whitespace-nowrap">
      {local}
    </time>
  );
}
