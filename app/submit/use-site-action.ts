'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { askSite } from './site-client';

/** Something that a button does on the site: what it waits for, what was refused, and the page as it is afterwards. */
export function useSiteAction() {
  const router = useRouter();
  const [refreshing, refresh] = useTransition();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  /** Undefined where it was refused; the page is rendered anew where not. */
  const act = async (path: string, body: object): Promise<unknown | undefined> => {
    setBusy(true);
    setProblem(undefined);
    const answer = await askSite('POST', path, JSON.stringify(body));
    setBusy(false);
    if (!answer.ok) {
      setProblem(answer.problem.message);
      return undefined;
    }
    refresh(() => router.refresh());
    return answer.body ?? {};
  };
  return { act, problem, waiting: busy || refreshing };
}
