/** What people have brought to the admins and wait for an answer to. */
import Link from 'next/link';
import type { openAppeals, openComplaints } from '@/db/queries/moderation';
import { ended } from '../_ui/format';
import { When } from '../_ui/when';
import { link } from '../signin/controls';
import { Answer } from './answer';

const KINDS = { score: 'A score', cheating: 'Cheating', licence: 'Licence', content: 'Content', other: 'Something else' } as const;

interface Props {
  complaints: Awaited<ReturnType<typeof openComplaints>>;
  appeals: Awaited<ReturnType<typeof openAppeals>>;
}

export function Brought({ complaints, appeals }: Props) {
  if (complaints.length + appeals.length === 0) return <p className="text-sm">Nothing waits for an answer.</p>;
  return (
    <ul className="divide-y divide-line rounded-lg border border-line text-sm">
      {appeals.map(({ versionId, slug, name, version, by, text, createdAt, disqualified, reasons }) => (
        <li key={versionId} className="grid gap-2 px-4 py-3">
          <p>
            <strong className="font-medium">Appeal</strong> of {by ?? 'deleted user'} about{' '}
            <Link href={`/models/${slug}?version=${version}`} className={link}>
              {name}
            </Link>
            , version {version}, <When iso={createdAt.toISOString()} day />. Decided was: {ended(disqualified ?? reasons.join('; '))}
          </p>
          <p className="break-words whitespace-pre-line">{text}</p>
          <Answer
            about={`the appeal about ${name}`}
            path={`/versions/${versionId}/appeal/answer`}
            choices={[
              { label: 'Uphold: take the decision back', body: { upheld: true } },
              { label: 'Reject', body: { upheld: false } },
            ]}
          />
        </li>
      ))}
      {complaints.map(({ id, kind, slug, name, version, by, text, createdAt }) => (
        <li key={id} className="grid gap-2 px-4 py-3">
          <p>
            <strong className="font-medium">{KINDS[kind]}</strong>:{' '}
            <Link href={`/models/${slug}?version=${version}`} className={link}>
              {name}
            </Link>
            , version {version}, from {by ?? 'deleted user'}, <When iso={createdAt.toISOString()} day />
          </p>
          <p className="break-words whitespace-pre-line">{text}</p>
          <Answer
            about={`the complaint about ${name}`}
            path={`/complaints/${id}/answer`}
            choices={[{ label: 'Answer and close', body: {} }]}
          />
        </li>
      ))}
    </ul>
  );
}
