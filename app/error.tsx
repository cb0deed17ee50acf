'use client';

import { useTransition } from 'react';

/** What a page says when it could not be made: mostly a database that is away for a moment. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const [pending, start] = useTransition();
  return (
    <div role="alert" className="max-w-xl">
      <h1 className="text-2xl font-semibold tracking-tight">This page could not be made just now</h1>
      <p className="mt-2">Something went wrong on our side. Nothing that you have sent was lost.</p>
      <p className="mt-4 flex items-center gap-4">
        <button
          type="button"
          onClick={() => start(reset)}
          disabled={pending}
          className="rounded-md bg-accent px-4 py-2 text-sm font-medium text-accent-fg disabled:opacity-60"
        >
          {pending ? 'Trying…' : 'Try again'}
        </button>
        {error.digest ? <span className="text-xs text-muted">Logged as {error.digest}</span> : null}
      </p>
    </div>
  );
}
