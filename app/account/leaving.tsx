'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';
import { ProblemLine } from '../_ui/problem-line';
import { field, link, secondary } from '../signin/controls';
import { askSite } from '../submit/site-client';

/** All that is stored, to take along; and the end of the account. */
export function Leaving({ name, hasPassword }: { name: string; hasPassword: boolean }) {
  const [sure, setSure] = useState(false);
  const [proof, setProof] = useState('');
  const [removeWeights, setRemoveWeights] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const leave = async () => {
    setBusy(true);
    setProblem(undefined);
    const body = { removeWeights, ...(hasPassword ? { password: proof } : { name: proof }) };
    const answer = await askSite('POST', '/account/delete', JSON.stringify(body));
    if (answer.ok) return location.assign('/');
    setBusy(false);
    setProblem(answer.problem.message);
  };
  return (
    <div className="grid max-w-3xl justify-items-start gap-3 text-sm">
      <p>
        <a href="/api/v1/account/export" download="simplexity-account.json" className={link}>
          Download all that is stored about this account
        </a>{' '}
        as JSON.
      </p>
      <p className="text-muted">
        Deleting the account removes its name, address, sessions, tokens and drafts. Published models, runs and hashes stay, of “deleted
        user”, since others have compared with them; runs that its runners signed keep counting. It can’t be undone.
      </p>
      {sure ? (
        <form
          method="post"
          className="grid justify-items-start gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy) void leave();
          }}
        >
          <label className="flex items-start gap-2">
            <input type="checkbox" className="mt-1" checked={removeWeights} onChange={(event) => setRemoveWeights(event.target.checked)} />
            Remove the files of my published models, too. Their rows stay and say so; nobody can measure or attack them here any more.
          </label>
          <label className="grid gap-1">
            <span className="text-muted">{hasPassword ? 'Your password' : `The name of the account, ${name}`}</span>
            <input
              type={hasPassword ? 'password' : 'text'}
              autoComplete={hasPassword ? 'current-password' : 'off'}
              maxLength={128}
              className={field}
              value={proof}
              onChange={(event) => setProof(event.target.value)}
            />
          </label>
          <div className="flex flex-wrap gap-2">
            <Button type="submit" className={`${secondary} text-bad`} disabled={busy || proof === ''}>
              Delete the account for good
            </Button>
            <Button className={secondary} onClick={() => setSure(false)} disabled={busy}>
              Keep it
            </Button>
          </div>
          <ProblemLine text={problem} />
        </form>
      ) : (
        <Button className={secondary} onClick={() => setSure(true)}>
          Delete the account
        </Button>
      )}
    </div>
  );
}
