'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { Button } from '@/app/_ui/button';
import { secondary } from '../../signin/controls';
import { askSite } from '../../submit/site-client';

/** What a submitter or an admin can do with a job. */
export function JobActions({ jobId, again, cancel }: { jobId: string; again: boolean; cancel: boolean }) {
  const router = useRouter();
  const [refreshing, refresh] = useTransition();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  if (!again && !cancel) return null;
  const act = async (what: 'retry' | 'cancel') => {
    setBusy(true);
    setProblem(undefined);
    const answer = await askSite('POST', `/jobs/${jobId}/${what}`);
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem.message);
    if (what === 'cancel') return refresh(() => router.refresh());
    router.push(`/queue/${(answer.body as { jobId: string }).jobId}`);
  };
  return (
    <div className="mt-4 flex flex-wrap items-center gap-3">
      {again ? (
        <Button className={secondary} disabled={busy || refreshing} onClick={() => void act('retry')}>
          Measure it once more
        </Button>
      ) : null}
      {cancel ? (
        <Button className={`${secondary} text-bad`} disabled={busy || refreshing} onClick={() => void act('cancel')}>
          Cancel this job
        </Button>
      ) : null}
      {problem ? (
        <p role="alert" className="w-full text-sm text-bad">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
