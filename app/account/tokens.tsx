'use client';

import { useRouter } from 'next/navigation';
import { useId, useRef, useState, useTransition } from 'react';
import { Button } from '@/app/_ui/button';
import { askAccounts } from '../signin/accounts-client';
import { field, primary, secondary } from '../signin/controls';
import { sentenceOf } from '../signin/credentials';
import { LocalTime } from './local-time';

export interface Token {
  id: string;
  name: string;
  /** The first characters, to tell it by. */
  start: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

interface Made {
  name: string;
  secret: string;
}

const LIFETIMES = [7, 30, 90, 365];

export function Tokens({ tokens }: { tokens: Token[] }) {
  const [made, setMade] = useState<Made>();
  return (
    <div className="grid gap-4">
      <NewToken onMade={setMade} />
      {made ? <MadeToken {...made} onDone={() => setMade(undefined)} /> : null}
      {tokens.length ? (
        <ul className="divide-y divide-line rounded-lg border border-line">
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      ) : (
        <p className="text-sm text-muted">You have no tokens.</p>
      )}
    </div>
  );
}

function NewToken({ onMade }: { onMade(made: Made): void }) {
  const id = useId();
  const router = useRouter();
  // Not a state: what is typed before the page's script runs would be lost with it.
  const typed = useRef<HTMLInputElement>(null);
  const [days, setDays] = useState(90);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const make = async () => {
    const name = typed.current?.value.trim() ?? '';
    if (name === '') return setProblem('Give the token a name that tells what it is for.');
    setBusy(true);
    setProblem(undefined);
    const answer = await askAccounts('/api-key/create', { name, expiresIn: days * 86400 });
    setBusy(false);
    if (!answer.ok) return setProblem(sentenceOf(answer.refusal).sentence);
    onMade({ name, secret: String(answer.body.key) });
    if (typed.current) typed.current.value = '';
    router.refresh();
  };
  return (
    <form
      noValidate
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void make();
      }}
    >
      <label className="grid min-w-48 flex-1 gap-1 text-sm sm:max-w-64">
        <span className="text-muted">Name of the token</span>
        <input
          ref={typed}
          className={field}
          maxLength={32}
          autoComplete="off"
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? `${id}-problem` : undefined}
        />
      </label>
      <label className="grid gap-1 text-sm">
        <span className="text-muted">Works for</span>
        <select className={field} value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {LIFETIMES.map((n) => (
            <option key={n} value={n}>
              {n} days
            </option>
          ))}
        </select>
      </label>
      <Button type="submit" className={primary} aria-disabled={busy}>
        {busy ? 'One moment…' : 'Create token'}
      </Button>
      {problem ? (
        <p role="alert" id={`${id}-problem`} className="w-full text-sm text-bad">
          {problem}
        </p>
      ) : null}
    </form>
  );
}

/** The one time that a token is shown. */
function MadeToken({ name, secret, onDone }: Made & { onDone(): void }) {
  const [copied, setCopied] = useState<'copied' | 'select' | undefined>();
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => setCopied('copied'),
      () => setCopied('select'),
    );
  return (
    <section aria-label="The new token" className="grid gap-2 rounded-lg border border-accent p-4">
      <p role="status" className="text-sm">
        <strong className="font-medium">{name}</strong> was made. Copy it now: it is not stored here and is shown this once.
      </p>
      <div className="flex flex-wrap gap-2">
        <input
          readOnly
          aria-label="Token"
          value={secret}
          onFocus={(event) => event.target.select()}
          className={`${field} min-w-0 flex-1 basis-64 font-mono`}
        />
        <Button className={secondary} onClick={() => void copy()}>
          {copied === 'copied' ? 'Copied' : 'Copy'}
        </Button>
        <Button className={secondary} onClick={onDone}>
          Done
        </Button>
      </div>
      {copied === 'select' ? (
        <p className="text-sm text-warn">The browser did not allow it; select the text and copy it yourself.</p>
      ) : null}
    </section>
  );
}

function TokenRow({ token: { id, name, start, createdAt, expiresAt, lastUsedAt } }: { token: Token }) {
  const router = useRouter();
  const [refreshing, refresh] = useTransition();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const revoke = async () => {
    setBusy(true);
    const answer = await askAccounts('/api-key/delete', { keyId: id });
    setBusy(false);
    if (answer.ok) refresh(() => router.refresh());
    else setProblem(sentenceOf(answer.refusal).sentence);
  };
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 px-4 py-3 text-sm">
      <div className="min-w-0 flex-1 basis-56">
        <p className="truncate font-medium">{name}</p>
        <p className="text-muted">
          <code className="font-mono">{start}…</code> · made <LocalTime iso={createdAt} /> ·{' '}
          {expiresAt ? (
            <>
              works until <LocalTime iso={expiresAt} />
            </>
          ) : (
            'does not expire'
          )}{' '}
          ·{' '}
          {lastUsedAt ? (
            <>
              last used <LocalTime iso={lastUsedAt} withTime />
            </>
          ) : (
            'never used'
          )}
        </p>
        {problem ? (
          <p role="alert" className="text-bad">
            {problem}
          </p>
        ) : null}
      </div>
      <div className="flex flex-wrap gap-2">
        {sure ? (
          <>
            <Button className={`${secondary} text-bad`} onClick={() => void revoke()} disabled={busy || refreshing}>
              Revoke {name} for good
            </Button>
            <Button className={secondary} onClick={() => setSure(false)} disabled={busy || refreshing}>
              Keep it
            </Button>
          </>
        ) : (
          <Button className={secondary} onClick={() => setSure(true)} aria-label={`Revoke ${name}`}>
            Revoke
          </Button>
        )}
      </div>
    </li>
  );
}
