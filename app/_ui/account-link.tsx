'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect, useState } from 'react';

/** The way to the account, with the number of notices that its owner has not seen. Asked by the page: most are the same for everybody. */
export function AccountLink({ className }: { className: string }) {
  const path = usePathname();
  const [unread, setUnread] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again on every page.
  useEffect(() => {
    let gone = false;
    fetch('/api/v1/account/notices/unread')
      .then((answer) => answer.json())
      .then(
        (said: { unread?: number }) => gone || setUnread(said.unread ?? 0),
        () => undefined, // the next page asks again
      );
    return () => {
      gone = true;
    };
  }, [path]);
  const shown = path === '/account' ? 0 : unread;
  return (
    <Link href="/account" prefetch={false} className={className}>
      Account
      {shown > 0 ? (
        <>
          {' '}
          <span aria-hidden="true" className="rounded-full bg-accent px-1.5 text-xs text-accent-fg tabular-nums">
            {shown > 99 ? '99+' : shown}
          </span>
          <span className="sr-only">, {shown} new</span>
        </>
      ) : null}
    </Link>
  );
}
