'use client';

import Link from 'next/link';
import { useId, useState } from 'react';
import { Button } from '@/app/_ui/button';
import { ProblemLine } from '@/app/_ui/problem-line';
import { field, link, secondary } from '../../signin/controls';
import { useSiteAction } from '../../submit/use-site-action';

const KINDS = [
  ['score', 'A number is wrong, and images can’t show it'],
  ['cheating', 'It was trained on test images, or looks answers up'],
  ['licence', 'Licence or authorship'],
  ['content', 'Its name or description'],
  ['other', 'Something else'],
] as const;

interface Props {
  slug: string;
  version: number;
  signedIn: boolean;
}

/** Tells the admins; a score that is too high is better lowered with images. */
export function Complain({ slug, version, signedIn }: Props) {
  const id = useId();
  const [kind, setKind] = useState<string>(KINDS[0][0]);
  const [text, setText] = useState('');
  const [sent, setSent] = useState(false);
  const { act, problem, waiting } = useSiteAction();
  const send = async () => {
    if (await act(`/models/${slug}/complaints`, { version, kind, text })) {
      setText('');
      setSent(true);
    }
  };
  return (
    <details className="text-sm">
      <summary className="w-fit cursor-pointer text-muted">Report a problem</summary>
      {signedIn ? (
        <form
          className="mt-3 grid max-w-xl gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (!waiting) void send();
          }}
        >
          <p className="text-muted">
            The admins read it and answer on your account page. A score that is too high is lowered at once by images that break it: “Attack
            this model”.
          </p>
          <label className="grid gap-1" htmlFor={`${id}-kind`}>
            <span className="text-muted">What is it about?</span>
            <select id={`${id}-kind`} className={field} value={kind} onChange={(event) => setKind(event.target.value)}>
              {KINDS.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <label className="grid gap-1" htmlFor={`${id}-text`}>
            <span className="text-muted">What is wrong, and how can it be seen?</span>
            <textarea
              id={`${id}-text`}
              className={`${field} h-28`}
              required
              minLength={10}
              maxLength={4000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </label>
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" className={secondary} disabled={waiting}>
              Send to the admins
            </Button>
            {sent && text === '' ? <p role="status">It was sent. The answer will be on your account page.</p> : null}
          </div>
          <ProblemLine text={problem} />
        </form>
      ) : (
        <p className="mt-2">
          <Link href={`/signin?next=/models/${slug}`} className={link}>
            Sign in
          </Link>{' '}
          to report a problem; the answer goes to your account.
        </p>
      )}
    </details>
  );
}
