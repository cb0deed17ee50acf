'use client';

import Link from 'next/link';
import { useId, useRef, useState } from 'react';
import { askAccounts } from './accounts-client';
import { Choice } from './choice';
import { field, link, primary, secondary } from './controls';
import { type Complaint, type Credentials, complaintOf, type Field, type Mode, SHORTEST_PASSWORD, sentenceOf } from './credentials';

interface Props {
  /** A path of ours. */
  next: string;
  /** Sign-in with GitHub is configured. */
  github: boolean;
  /** Stay on the page: called instead of going to `next`. */
  onSignedIn?(): void;
}

const MODES = [
  { id: 'sign-in', label: 'Sign in' },
  { id: 'sign-up', label: 'Create an account' },
] as const satisfies { id: Mode; label: string }[];

export function SignInForm({ next, github, onSignedIn }: Props) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [mode, setMode] = useState<Mode>('sign-in');
  const [complaint, setComplaint] = useState<Complaint>();
  const [busy, setBusy] = useState(false);

  const complain = (found: Complaint) => {
    setComplaint(found);
    if (found.field) form.current?.querySelector<HTMLInputElement>(`[name=${found.field}]`)?.focus();
  };

  // Read from the form itself: what a visitor or a password manager fills in before the page's script runs counts, too.
  const typed = (): Credentials => {
    const value = (name: Field) => String(new FormData(form.current as HTMLFormElement).get(name) ?? '');
    return { name: value('name'), email: value('email'), password: value('password') };
  };

  const send = async () => {
    const credentials = typed();
    const missing = complaintOf(mode, credentials);
    if (missing) return complain(missing);
    setBusy(true);
    setComplaint(undefined);
    const { name, email, password } = credentials;
    const answer =
      mode === 'sign-in'
        ? await askAccounts('/sign-in/email', { email: email.trim(), password })
        : await askAccounts('/sign-up/email', { name: name.trim(), email: email.trim(), password });
    if (!answer.ok) {
      setBusy(false);
      return complain(sentenceOf(answer.refusal));
    }
    // A whole new page: everything on it is rendered for the account.
    if (onSignedIn) onSignedIn();
    else location.assign(next);
  };

  const withGithub = async () => {
    setBusy(true);
    const answer = await askAccounts('/sign-in/social', {
      ...{ provider: 'github', callbackURL: next },
      errorCallbackURL: `/signin?next=${encodeURIComponent(next)}`,
    });
    if (answer.ok && typeof answer.body.url === 'string') return location.assign(answer.body.url);
    setBusy(false);
    complain(sentenceOf(answer.ok ? { status: 500 } : answer.refusal));
  };

  const input = (name: Field, label: string, attributes: React.InputHTMLAttributes<HTMLInputElement>, hint?: string) => (
    <div className="grid gap-1 text-sm">
      <label htmlFor={`${id}-${name}`} className="text-muted">
        {label}
      </label>
      <input
        id={`${id}-${name}`}
        name={name}
        required
        className={field}
        aria-invalid={complaint?.field === name || undefined}
        aria-describedby={
          [hint ? `${id}-${name}-hint` : '', complaint?.field === name ? `${id}-complaint` : ''].join(' ').trim() || undefined
        }
        {...attributes}
      />
      {hint ? (
        <p id={`${id}-${name}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );

  return (
    <form
      ref={form}
      // Before the page's script runs a form is sent the old way; never with a password in the address.
      method="post"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void send();
      }}
      className="grid max-w-sm gap-4"
    >
      <Choice
        legend="Do you have an account?"
        name={`${id}-mode`}
        options={MODES}
        value={mode}
        onChange={(chosen) => {
          setMode(chosen);
          setComplaint(undefined);
        }}
      />
      {mode === 'sign-up'
        ? input('name', 'Name', { autoComplete: 'name', maxLength: 80 }, 'Shown beside your submissions. A pseudonym will do.')
        : null}
      {input('email', 'Email', { type: 'email', autoComplete: mode === 'sign-in' ? 'username' : 'email', maxLength: 200 })}
      {input(
        'password',
        'Password',
        { type: 'password', autoComplete: mode === 'sign-in' ? 'current-password' : 'new-password', maxLength: 128 },
        mode === 'sign-up' ? `At least ${SHORTEST_PASSWORD} characters.` : undefined,
      )}
      {mode === 'sign-in' ? (
        <Link href="/signin/forgotten" prefetch={false} className={`${link} justify-self-start text-sm`}>
          Forgotten your password?
        </Link>
      ) : null}
      {complaint ? (
        <p role="alert" id={`${id}-complaint`} className="rounded-lg bg-bad-bg px-3 py-2 text-sm text-bad">
          {complaint.sentence}
        </p>
      ) : null}
      <div className="flex flex-wrap items-center gap-3">
        <button type="submit" className={primary} aria-disabled={busy}>
          {busy ? 'One moment…' : MODES.find((m) => m.id === mode)?.label}
        </button>
        {github ? (
          <button type="button" className={secondary} onClick={() => void withGithub()} disabled={busy}>
            Continue with GitHub
          </button>
        ) : null}
      </div>
    </form>
  );
}
