'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';
import { askAccounts } from '../signin/accounts-client';
import { secondary } from '../signin/controls';
import { sentenceOf } from '../signin/credentials';

export function SignOut() {
  const [problem, setProblem] = useState<string>();
  const leave = async () => {
    const answer = await askAccounts('/sign-out', {});
    if (answer.ok) location.assign('/');
    else setProblem(sentenceOf(answer.refusal).sentence);
  };
  return (
    <>
      <Button className={secondary} onClick={() => void leave()}>
        Sign out
      </Button>
      {problem ? (
        <p role="alert" className="text-sm text-bad">
          {problem}
        </p>
      ) : null}
    </>
  );
}
