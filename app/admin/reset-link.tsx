'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';
import { ProblemLine } from '../_ui/problem-line';
import { field, secondary } from '../signin/controls';
import { askSite } from '../submit/site-client';

/** For somebody who forgot a password on a site that sends no mail: the link is shown this one time. */
export function ResetLink({ accountId, name }: { accountId: string; name: string }) {
  const [link, setLink] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    setProblem(undefined);
    const answer = await askSite('POST', `/accounts/${encodeURIComponent(accountId)}/reset-link`);
    setBusy(false);
    if (answer.ok) setLink((answer.body as { link: string }).link);
    else setProblem(answer.problem.message);
  };
  return (
    <>
      <Button className={secondary} disabled={busy} onClick={() => void make()} aria-label={`Reset link for ${name}`}>
        Reset link
      </Button>
      {link ? (
        <label className="grid w-full gap-1 text-xs text-muted">
          Hand it on by a way that only {name} reads. It works once, for 24 hours, and is not shown again.
          <input readOnly value={link} className={`${field} font-mono`} onFocus={(event) => event.target.select()} />
        </label>
      ) : null}
      <ProblemLine text={problem} />
    </>
  );
}
