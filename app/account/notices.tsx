/** What happened to an account’s models, and what it was answered, newest first. */
import Link from 'next/link';
import type { Notice } from '@/db/queries/notices';
import { eventSentence } from '../_ui/event-sentence';
import { link } from '../signin/controls';
import { LocalTime } from './local-time';

export function Notices({ notices, seen }: { notices: Notice[]; seen: number }) {
  if (notices.length === 0) return <p className="text-sm text-muted">Nothing has happened yet.</p>;
  return (
    <ol className="divide-y divide-line rounded-lg border border-line text-sm">
      {notices.map((notice) => {
        const slug = notice.slug ?? (typeof notice.data.slug === 'string' ? notice.data.slug : null);
        const name = notice.name ?? String(notice.data.name ?? '');
        const version = notice.version ?? notice.data.version;
        return (
          <li key={notice.id} className="grid gap-1 px-4 py-3">
            <p className="text-muted">
              {notice.id > seen ? <strong className="mr-2 font-medium text-accent">New</strong> : null}
              {slug ? (
                <Link href={notice.runId ? `/runs/${notice.runId}` : `/models/${slug}?version=${version}`} className={link}>
                  {name}
                </Link>
              ) : null}{' '}
              · <LocalTime iso={notice.at.toISOString()} withTime />
            </p>
            <p className="break-words">{eventSentence(notice)}</p>
          </li>
        );
      })}
    </ol>
  );
}
