'use client';

import { useSyncExternalStore } from 'react';

const never = () => () => undefined;
const two = (n: number) => String(n).padStart(2, '0');

/** In the reader's own zone, as long as the text it takes the place of, so that nothing moves. */
function local(iso: string): string {
  const t = new Date(iso);
  const zone =
    new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(t).find((p) => p.type === 'timeZoneName')?.value ?? '';
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())} ${zone}`;
}

/** A time, or the day alone: UTC in the page as it comes, the reader's own clock once scripts run. */
export function When({ iso, day = false }: { iso: string; day?: boolean }) {
  const text = useSyncExternalStore(
    never,
    () => (day ? local(iso).slice(0, 10) : local(iso)),
    () => (day ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`),
  );
  return (
    <time dateTime={iso} title={iso} className="whitespace-nowrap">
      {text}
    </time>
  );
}
