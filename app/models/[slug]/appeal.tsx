'use client';

import { useId, useState } from 'react';
import { Button } from '@/app/_ui/button';
import { ProblemLine } from '@/app/_ui/problem-line';
import { field, secondary } from '../../signin/controls';
import { useSiteAction } from '../../submit/use-site-action';

/** The submitter's one answer to a decision. */
export function AppealForm({ versionId }: { versionId: string }) {
  const id = useId();
  const [text, setText] = useState('');
  const { act, problem, waiting } = useSiteAction();
  return (
    <form
      className="mt-2 grid max-w-xl gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!waiting) void act(`/versions/${versionId}/appeal`, { text });
      }}
    >
      <label className="grid gap-1" htmlFor={id}>
        <span>You may appeal once. What do the admins have wrong, and how can it be seen?</span>
        <textarea
          id={id}
          className={`${field} h-28 text-fg`}
          required
          minLength={10}
          maxLength={4000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <Button type="submit" className={`${secondary} w-fit`} disabled={waiting}>
        Appeal
      </Button>
      <ProblemLine text={problem} />
    </form>
  );
}
