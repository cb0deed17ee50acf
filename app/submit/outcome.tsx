import Link from 'next/link';
import type { Board } from '@/lib/protocol/boards';
import { link } from '../signin/controls';
import type { Kept } from './send';

/** What happened, and what comes next. */
export function Outcome({
  kept,
  name,
  earlier,
  board,
  boardLabel,
  onAnother,
}: {
  kept: Kept;
  name: string;
  /** The weights had been begun before, with other details. */
  earlier: boolean;
  board: Board;
  boardLabel: string;
  onAnother(): void;
}) {
  const { submission, claimed } = kept;
  if (!submission) return null;
  const isPublic = submission.state === 'public';
  const boardLink = (
    <Link href={`/boards/${board.id}`} className={link}>
      {boardLabel}
    </Link>
  );
  return (
    <section aria-labelledby="outcome" className="rounded-lg border border-line p-5">
      <h2 id="outcome" tabIndex={-1} ref={(heading) => heading?.focus()} className="text-lg font-semibold outline-none">
        {isPublic ? `${name} is public` : `${name} is a draft`}
      </h2>
      <ul className="mt-3 grid list-disc gap-1 pl-5">
        {earlier ? <li>These weights were submitted before under another name, which stays.</li> : null}
        <li>The site has repeated the checks of the files, and has all of them.</li>
        {claimed === undefined ? (
          <li>No report went along, so it has no row on {boardLink} yet. Anybody can measure it from its page.</li>
        ) : (
          <li>
            Your report was added. {isPublic ? 'The row' : 'Once it is public, its row'} on {boardLink} is{' '}
            <strong className="font-medium">{claimed ?? 'self-reported'}</strong>: shown, and not ranked until it is verified.
          </li>
        )}
        {isPublic ? (
          <li>Next, others can reproduce it in their browsers, and a runner can verify it; the row changes with what they find.</li>
        ) : (
          <li>
            Only you see it. Publish or discard it on your{' '}
            <Link href="/account" className={link}>
              account page
            </Link>
            .
          </li>
        )}
      </ul>
      <p className="mt-4 flex flex-wrap gap-x-6 gap-y-2">
        <Link href={`/models/${submission.slug}`} className={link}>
          Open the model’s page
        </Link>
        <button type="button" className={link} onClick={onAnother}>
          Submit another model
        </button>
      </p>
    </section>
  );
}
