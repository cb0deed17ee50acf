'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { Button } from '@/app/_ui/button';
import { field, secondary } from '../signin/controls';
import { askSite } from '../submit/site-client';

/** Approve at a click; revoking asks for the reason that everybody will read. */
export function RunnerDecision({ runnerId, name, approved }: { runnerId: string; name: string; approved: boolean }) {
  const router = useRouter();
  const [refreshing, refresh] = useTransition();
  const [busy, setBusy] = useState(false);
  const [reason, setReason] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const waiting = busy || refreshing;
  const decide = async (what: 'approve' | 'revoke', body: object) => {
    setBusy(true);
    setProblem(undefined);
    const answer = await askSite('POST', `/runners/${runnerId}/${what}`, JSON.stringify(body));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem.message);
    setReason(undefined);
    refresh(() => router.refresh());
  };
  return (
    <span className="flex flex-wrap items-center gap-2">
      {approved ? (
        'approved'
      ) : (
        <Button className={secondary} disabled={waiting} onClick={() => void decide('approve', {})} aria-label={`Approve ${name}`}>
          Approve
        </Button>
      )}
      {reason === undefined ? (
        <Button className={secondary} disabled={waiting} onClick={() => setReason('')} aria-label={`Revoke ${name}`}>
          Revoke…
        </Button>
      ) : (
        <form
          className="flex w-full flex-wrap gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void decide('revoke', { reason });
          }}
        >
          <input
            className={`${field} max-w-72`}
            aria-label={`Public reason for revoking ${name}`}
            placeholder="Public reason"
            required
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button type="submit" className={`${secondary} text-bad`} disabled={waiting || reason.trim() === ''}>
            Revoke for good
          </Button>
          <Button className={secondary} disabled={waiting} onClick={() => setReason(undefined)}>
            Keep
          </Button>
        </form>
      )}
      {problem ? (
        <span role="alert" className="w-full text-xs text-bad">
          {problem}
        </span>
      ) : null}
    </span>
  );
}
