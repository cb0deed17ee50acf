'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';
import { ProblemLine } from '../_ui/problem-line';
import { field, secondary } from '../signin/controls';
import { useSiteAction } from '../submit/use-site-action';

interface Props {
  /** What is answered, for those who don’t see it beside the form. */
  about: string;
  path: string;
  /** What can be said, and what goes along with it. */
  choices: { label: string; body: object }[];
}

/** One sentence, and the button that sends it. */
export function Answer({ about, path, choices }: Props) {
  const [answer, setAnswer] = useState('');
  const { act, problem, waiting } = useSiteAction();
  return (
    <div className="flex flex-wrap gap-2">
      <input
        className={`${field} max-w-96`}
        aria-label={`Answer to ${about}`}
        placeholder="Answer, one sentence or two"
        maxLength={500}
        value={answer}
        onChange={(event) => setAnswer(event.target.value)}
      />
      {choices.map(({ label, body }) => (
        <Button
          key={label}
          className={secondary}
          disabled={waiting || answer.trim().length < 10}
          onClick={() => void act(path, { ...body, answer })}
        >
          {label}
        </Button>
      ))}
      <ProblemLine text={problem} />
    </div>
  );
}
