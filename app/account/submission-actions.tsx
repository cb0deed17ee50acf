'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { Button } from '@/app/_ui/button';
import { secondary } from '../signin/controls';
import { askSite } from '../submit/site-client';

type Act = 'publish' | 'discard';

/** What an owner can do with what is not public. Discarding asks once more. */
export function SubmissionActions({ versionId, name, canPublish }: { versionId: string; name: string; canPublish: boolean }) {
  const router = useRouter();
  const [refreshing, refresh] = useTransition();
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const [problem, setProblem] = useState<string>();
  const act = async (what: Act) => {
    setBusy(true);
    setProblem(undefined);
    const answer =
      what === 'publish'
        ? await askSite('POST', `/submissions/${versionId}/publish`)
        : await askSite('DELETE', `/submissions/${versionId}`);
    setBusy(false);
    setSure(false);
    if (answer.ok) refresh(() => router.refresh());
    else setProblem(answer.problem.message);
  };
  const waiting = busy || refreshing;
  return (
    <>
      {canPublish ? (
        <Button className={secondary} onClick={() => void act('publish')} disabled={waiting} aria-label={`Publish ${name}`}>
          Publish
        </Button>
      ) : null}
      {sure ? (
        <>
          <Button className={`${secondary} text-bad`} onClick={() => void act('discard')} disabled={waiting}>
            Discard {name} for good
          </Button>
          <Button className={secondary} onClick={() => setSure(false)} disabled={waiting}>
            Keep it
          </Button>
        </>
      ) : (
        <Button className={secondary} onClick={() => setSure(true)} disabled={waiting} aria-label={`Discard ${name}`}>
          Discard
        </Button>
      )}
      {problem ? (
        <p role="alert" className="w-full text-sm text-bad">
          {problem}
        </p>
      ) : null}
    </>
  );
}
