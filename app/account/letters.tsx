'use client';

import { useActionState } from 'react';
import { Button } from '@/app/_ui/button';
import type { Letter } from '@/db/schema';
import { secondary } from '../signin/controls';
import { chooseLetters, type Outcome, sendConfirmation } from './letters-action';

const SENTENCES: Record<Exclude<Outcome, 'none'>, string> = {
  saved: 'Saved.',
  sent: 'The letter is on its way; its link works for 72 hours.',
  'signed-out': 'You are signed out. Sign in and try again.',
  'too-many': 'Too many letters were asked for. Try again in an hour.',
  'not-sent': 'The mail server of this site did not take the letter. Try again later.',
};
const WORDS: Record<Letter, string> = {
  measured: 'A model of mine was measured',
  failed: 'A model of mine could not be measured',
};

function Said({ outcome }: { outcome: Outcome }) {
  return outcome === 'none' ? null : (
    <p role="status" className="text-sm">
      {SENTENCES[outcome]}
    </p>
  );
}

/** Which letters come; before the address is confirmed, that it isn’t. */
export function Letters({ chosen, confirmed, email }: { chosen: readonly Letter[]; confirmed: boolean; email: string }) {
  const [asked, ask, asking] = useActionState<Outcome, FormData>(sendConfirmation, 'none');
  const [saved, save, saving] = useActionState<Outcome, FormData>(chooseLetters, 'none');
  return (
    <div className="grid justify-items-start gap-4 text-sm">
      {confirmed ? null : (
        <form action={ask} className="grid justify-items-start gap-2 rounded-lg bg-warn-bg px-3 py-2 text-warn">
          <p className="break-words">
            The address {email} is not confirmed: open the link in the letter that came to it. Until then no other letters come, but for a
            new password.
          </p>
          <Button type="submit" className={secondary} aria-disabled={asking}>
            Send the letter again
          </Button>
          <Said outcome={asked} />
        </form>
      )}
      <form action={save} className="grid justify-items-start gap-2">
        {(Object.keys(WORDS) as Letter[]).map((letter) => (
          <label key={letter} className="flex items-center gap-2">
            <input type="checkbox" name={letter} defaultChecked={chosen.includes(letter)} />
            {WORDS[letter]}
          </label>
        ))}
        <p className="text-muted">Answers of the admins to what you reported or appealed against come in any case.</p>
        <Button type="submit" className={secondary} aria-disabled={saving}>
          Save
        </Button>
        <Said outcome={saved} />
      </form>
    </div>
  );
}
