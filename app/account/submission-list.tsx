import Link from 'next/link';
import type { VersionState } from '@/db/schema';
import { BOARD_CHOICES } from '../evaluate/choices';
import { link, secondary } from '../signin/controls';
import { LocalTime } from './local-time';
import { SubmissionActions } from './submission-actions';

export interface OwnVersion {
  id: string;
  slug: string;
  name: string;
  number: number;
  board: string;
  state: VersionState;
  reasons: string[];
  createdAt: string;
  /** Files that have not arrived. */
  missing: number;
}

const STATES: Record<VersionState, { sign: string; word: string; sentence: (v: OwnVersion) => string }> = {
  uploading: {
    sign: '○',
    word: 'Unfinished',
    sentence: ({ missing }) =>
      missing
        ? `${missing} ${missing === 1 ? 'file is' : 'files are'} still to be sent; only you see it.`
        : 'All files have arrived and are still to be checked; only you see it.',
  },
  draft: { sign: '◐', word: 'Draft', sentence: () => 'Checked and complete; only you see it.' },
  public: { sign: '●', word: 'Public', sentence: () => 'Everybody sees it.' },
  hidden: { sign: '⊘', word: 'Hidden', sentence: () => 'The admins of this site took it from sight:' },
  refused: { sign: '✕', word: 'Refused', sentence: () => 'The site’s own checks refused it:' },
};

const boardLabel = (id: string) => BOARD_CHOICES.find((b) => b.id === id)?.label ?? id;

/** What an account has submitted, newest first. */
export function SubmissionList({ versions }: { versions: OwnVersion[] }) {
  if (versions.length === 0)
    return (
      <p className="text-sm text-muted">
        You have not submitted a model yet.{' '}
        <Link href="/submit" className={link}>
          Submit one
        </Link>
        .
      </p>
    );
  return (
    <ul className="divide-y divide-line rounded-lg border border-line">
      {versions.map((version) => {
        const { id, slug, name, number, board, state, reasons, createdAt } = version;
        const { sign, word, sentence } = STATES[state];
        const full = `${name}, version ${number}`;
        return (
          <li key={id} className="flex flex-wrap items-start gap-x-6 gap-y-2 px-4 py-3 text-sm">
            <div className="min-w-0 flex-1 basis-72">
              <p className="break-words">
                {state === 'public' || state === 'draft' || state === 'hidden' ? (
                  <Link href={`/models/${slug}`} className={`font-medium ${link}`}>
                    {name}
                  </Link>
                ) : (
                  <span className="font-medium">{name}</span>
                )}{' '}
                <span className="text-muted">version {number}</span>
              </p>
              <p className="text-muted">
                <Link href={`/boards/${board}`} className="underline underline-offset-2">
                  {boardLabel(board)}
                </Link>{' '}
                · begun <LocalTime iso={createdAt} />
              </p>
              <p className="mt-1">
                <span aria-hidden="true">{sign} </span>
                <strong className="font-medium">{word}</strong>. {sentence(version)}
              </p>
              {reasons.length ? (
                <ul className="mt-1 list-disc pl-5 text-bad">
                  {reasons.map((reason) => (
                    <li key={reason}>{reason}</li>
                  ))}
                </ul>
              ) : null}
            </div>
            {state === 'public' || state === 'hidden' ? null : (
              <div className="flex flex-wrap gap-2">
                {state === 'uploading' ? (
                  <Link href={`/submit?continue=${id}`} className={secondary} aria-label={`Continue ${full}`}>
                    Continue
                  </Link>
                ) : null}
                <SubmissionActions versionId={id} name={full} canPublish={state === 'draft'} />
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
