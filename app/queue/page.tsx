import type { Metadata } from 'next';
import Link from 'next/link';
import { queuePage } from '@/db/queries/queue-page';
import { database } from '../_server/database';
import { ListTable } from '../_ui/list-table';
import { When } from '../_ui/when';
import { JobState } from './job-state';

/** Made at every request: it shows what is so now. */
export const dynamic = 'force-dynamic';

export const metadata: Metadata = { title: 'Queue', description: 'What is measured again just now, and what waits for it.' };

export default async function Page() {
  const { queued, active, rows } = await queuePage(await database());
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Queue</h1>
      <p className="mt-2 mb-6 max-w-3xl text-muted">
        Every published model is measured again by a{' '}
        <Link href="/runners" className="underline underline-offset-2">
          runner
        </Link>
        , in full and with a seed that nobody could foresee. {active} {active === 1 ? 'is' : 'are'} measured now, {queued} wait
        {queued === 1 ? 's' : ''}.
      </p>
      {rows.length === 0 ? (
        <p className="text-sm">Nothing waits, and nothing has failed in the last seven days.</p>
      ) : (
        <ListTable
          label="Jobs"
          heads={['Model', 'Place', 'Board', 'State', 'Since', 'Attempt']}
          rows={rows.map((row) => ({
            key: row.jobId,
            cells: [
              <>
                <Link href={`/queue/${row.jobId}`} className="underline underline-offset-2">
                  {row.name}
                  {row.version > 1 ? ` v${row.version}` : ''}
                </Link>
                <span className="block text-xs text-muted">{row.reason}</span>
              </>,
              row.place ?? '–',
              row.board,
              <JobState key="state" job={row} />,
              <When key="since" iso={(row.startedAt ?? row.enqueuedAt).toISOString()} />,
              row.attempts > 0 ? `${row.attempts} of 3` : '–',
            ],
          }))}
        />
      )}
    </>
  );
}
