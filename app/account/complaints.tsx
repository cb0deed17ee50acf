/** What an account has complained of, and what it was told. */
import Link from 'next/link';
import type { complaintsBy } from '@/db/queries/moderation';
import { link } from '../signin/controls';
import { LocalTime } from './local-time';

export function Complaints({ complaints }: { complaints: Awaited<ReturnType<typeof complaintsBy>> }) {
  return (
    <ul className="divide-y divide-line rounded-lg border border-line text-sm">
      {complaints.map(({ id, slug, name, text, createdAt, answer }) => (
        <li key={id} className="grid gap-1 px-4 py-3">
          <p>
            <Link href={`/models/${slug}`} className={link}>
              {name}
            </Link>
            <span className="text-muted">
              {' '}
              · <LocalTime iso={createdAt.toISOString()} />
            </span>
          </p>
          <p className="break-words text-muted">{text}</p>
          <p>{answer === null ? 'The admins have not answered yet.' : `The admins: ${answer}`}</p>
        </li>
      ))}
    </ul>
  );
}
