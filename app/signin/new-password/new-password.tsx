'use client';

import Link from 'next/link';
import { useId, useState } from 'react';
import { Button } from '@/app/_ui/button';
import { askAccounts } from '../accounts-client';
import { field, link, primary } from '../controls';
import { SHORTEST_PASSWORD, sentenceOf } from '../credentials';

export function NewPassword({ token }: { token: string }) {
  const id = useId();
  const [password, setPassword] = useState('');
  const [state, setState] = useState<'asks' | 'busy' | 'done'>('asks');
  const [problem, setProblem] = useState<string>();
  const send = async () => {
    if (password.length < SHORTEST_PASSWORD)
      return setProblem(`The password has ${password.length} characters; at least ${SHORTEST_PASSWORD} are needed.`);
    setState('busy');
    setProblem(undefined);
    const answer = await askAccounts('/reset-password', { newPassword: password, token });
    setState(answer.ok ? 'done' : 'asks');
    if (!answer.ok) setProblem(sentenceOf(answer.refusal).sentence);
  };
  if (state === 'done')
    return (
      <p role="status" className="mt-6">
        The new password is set.{' '}
        <Link href="/signin" className={link}>
          Sign in
        </Link>{' '}
        with it.
      </p>
    );
  return (
    <form
      // Never with a password in the address.
      method="post"
      noValidate
      className="mt-6 grid max-w-sm gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (state !== 'busy') void send();
      }}
    >
      <div className="grid gap-1 text-sm">
        <label htmlFor={id} className="text-muted">
          New password
        </label>
        <input
          id={id}
          type="password"
          autoComplete="new-password"
          maxLength={128}
          className={field}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          aria-invalid={problem ? true : undefined}
          aria-describedby={`${id}-hint${problem ? ` ${id}-problem` : ''}`}
        />
        <p id={`${id}-hint`} className="text-xs text-muted">
          At least {SHORTEST_PASSWORD} characters.
        </p>
      </div>
      {problem ? (
        <p role="alert" id={`${id}-problem`} className="rounded-lg bg-bad-bg px-3 py-2 text-sm text-bad">
          {problem}
        </p>
      ) : null}
      <Button type="submit" className={`${primary} justify-self-start`} aria-disabled={state === 'busy'}>
        {state === 'busy' ? 'One moment…' : 'Set the password'}
      </Button>
    </form>
  );
}
