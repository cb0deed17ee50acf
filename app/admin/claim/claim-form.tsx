'use client';

import Link from 'next/link';
import { useActionState } from 'react';
import { Button } from '@/app/_ui/button';
import { link, primary } from '../../signin/controls';
import { type ClaimOutcome, claim } from './claim-action';

const SENTENCES: Record<Exclude<ClaimOutcome, 'none' | 'claimed'>, string> = {
  'signed-out': 'You are signed out. Sign in and open the link again; it has not been used.',
  stale: 'This link has been used, has expired, or a newer one was printed when the site was started again. Nothing was changed.',
  unavailable: 'The database could not be reached. The link has not been used; try again.',
};

export function ClaimForm({ token, name }: { token: string; name: string }) {
  const [outcome, act, busy] = useActionState<ClaimOutcome, FormData>(claim, 'none');
  if (outcome === 'claimed')
    return (
      <p role="status" className="mt-6">
        {name} is an admin of this site now.{' '}
        <Link href="/account" className={link}>
          Go to your account
        </Link>
        .
      </p>
    );
  return (
    <form action={act} className="mt-6 grid justify-items-start gap-4">
      <input type="hidden" name="token" value={token} />
      {outcome === 'none' ? null : (
        <p role="alert" className="rounded-lg bg-bad-bg px-3 py-2 text-sm text-bad">
          {SENTENCES[outcome]}
        </p>
      )}
      <Button type="submit" className={primary} aria-disabled={busy}>
        Make {name} an admin
      </Button>
    </form>
  );
}
