'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import type { Role } from '@/db/schema';
import { field } from '../signin/controls';
import { askSite } from '../submit/site-client';

const ROLES: Record<Role, string> = { submitter: 'submits', runner: 'submits, runs runners', admin: 'admin' };

/** Changes at once, and goes back where the site refuses. */
export function RoleChoice({ accountId, name, role }: { accountId: string; name: string; role: Role }) {
  const router = useRouter();
  const [refreshing, refresh] = useTransition();
  const [chosen, setChosen] = useState(role);
  const [problem, setProblem] = useState<string>();
  const choose = async (next: Role) => {
    setChosen(next);
    setProblem(undefined);
    const answer = await askSite('POST', `/accounts/${encodeURIComponent(accountId)}/role`, JSON.stringify({ role: next }));
    if (answer.ok) return refresh(() => router.refresh());
    setChosen(role);
    setProblem(answer.problem.message);
  };
  return (
    <>
      <select
        aria-label={`Role of ${name}`}
        className={`${field} max-w-56`}
        value={chosen}
        disabled={refreshing}
        onChange={(event) => void choose(event.target.value as Role)}
      >
        {Object.entries(ROLES).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      {problem ? (
        <span role="alert" className="mt-1 block text-xs text-bad">
          {problem}
        </span>
      ) : null}
    </>
  );
}
