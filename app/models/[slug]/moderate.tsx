'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';
import { ProblemLine } from '@/app/_ui/problem-line';
import { field, secondary } from '../../signin/controls';
import { useSiteAction } from '../../submit/use-site-action';

type Decision = 'hide' | 'show' | 'lock' | 'unlock' | 'disqualify' | 'reinstate';

const WORDS: Record<Decision, string> = {
  hide: 'Hide',
  show: 'Show again',
  lock: 'Lock',
  unlock: 'Unlock',
  disqualify: 'Disqualify',
  reinstate: 'Reinstate',
};

interface Props {
  versionId: string;
  board: string;
  hidden: boolean;
  locked: boolean;
  disqualified: boolean;
}

/** For admins: a decision needs the reason that everybody will read. */
export function Moderate({ versionId, board, hidden, locked, disqualified }: Props) {
  const [chosen, setChosen] = useState<Decision>();
  const [reason, setReason] = useState('');
  const { act, problem, waiting } = useSiteAction();
  const possible: Decision[] = [hidden ? 'show' : 'hide', locked ? 'unlock' : 'lock', disqualified ? 'reinstate' : 'disqualify'];
  const decide = async () => {
    if (!(await act(`/versions/${versionId}/decision`, { decision: chosen, reason }))) return;
    setChosen(undefined);
    setReason('');
  };
  return (
    <details className="text-sm">
      <summary className="w-fit cursor-pointer text-muted">Look after this version</summary>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        {possible.map((decision) => (
          <Button
            key={decision}
            className={secondary}
            aria-pressed={chosen === decision}
            disabled={waiting}
            onClick={() => setChosen(chosen === decision ? undefined : decision)}
          >
            {WORDS[decision]}…
          </Button>
        ))}
        {(['pgd', 'standard'] as const).map((level) => (
          <Button
            key={level}
            className={secondary}
            disabled={waiting}
            onClick={() => void act(`/versions/${versionId}/measure`, { board, level })}
          >
            Measure again{level === 'standard' ? ' with AutoAttack' : ''}
          </Button>
        ))}
      </div>
      {chosen ? (
        <form
          className="mt-2 flex max-w-xl flex-wrap gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void decide();
          }}
        >
          <input
            className={field}
            aria-label="Public reason"
            placeholder="Public reason"
            required
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button type="submit" className={secondary} disabled={waiting || reason.trim() === ''}>
            {WORDS[chosen]}
          </Button>
        </form>
      ) : null}
      <ProblemLine text={problem} />
    </details>
  );
}
