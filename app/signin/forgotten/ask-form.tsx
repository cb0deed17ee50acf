'use client';

import { useActionState } from 'react';
import { Button } from '@/app/_ui/button';
import { field, primary } from '../controls';
import { type Asked, askForLetter } from './ask-action';

const SENTENCES: Record<Exclude<Asked, 'none' | 'asked'>, string> = {
  'no-address': 'Give an email address, such as ada@example.org.',
  'too-many': 'Too many letters were asked for. Try again in an hour.',
  'no-mail': 'The mail server of this site can’t be reached just now, so no letter was sent. Try again later.',
  unavailable: 'Something went wrong on our side, and no letter was sent. Try again.',
};

export function AskForm() {
  const [asked, act, busy] = useActionState<Asked, FormData>(askForLetter, 'none');
  if (asked === 'asked')
    return (
      <p role="status" className="mt-6 max-w-2xl">
        If there is an account with this address, a letter with a link is on its way. The link works once, for 24 hours.
      </p>
    );
  return (
    <form action={act} className="mt-6 grid max-w-sm gap-4">
      <label className="grid gap-1 text-sm">
        <span className="text-muted">Email</span>
        <input name="email" type="email" autoComplete="username" required maxLength={200} className={field} />
      </label>
      {asked === 'none' ? null : (
        <p role="alert" className="rounded-lg bg-bad-bg px-3 py-2 text-sm text-bad">
          {SENTENCES[asked]}
        </p>
      )}
      <Button type="submit" className={`${primary} justify-self-start`} aria-disabled={busy}>
        {busy ? 'One moment…' : 'Send the letter'}
      </Button>
    </form>
  );
}
