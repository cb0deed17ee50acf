import type { Metadata } from 'next';
import Link from 'next/link';
import { type QueueRow, queuePage } from '@/db/queries/queue-page';
import { database } from '../_server/database';
import { roughly } from '../_ui/format';
import { ScrollArea } from '../_ui/scroll-area';
import { When } from '../_ui/when';

/** Made at every request: it shows what is so now. */
export const dynamic = 'force-dynamic';

export const metadata: Metadata = { title: 'Queue', description: 'What is measured again just now, and what waits for it.' };

const WORDS: Record<QueueRow['state'], string> = {
  queued: 'waits',
  active: 'is measured',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

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
        <ScrollArea label="Jobs">
          <table className="w-full text-left text-sm">
            <thead className="text-muted">
              <tr>
                <th className="py-2 pr-4 font-normal">Place</th>
                <th className="py-2 pr-4 font-normal">Model</th>
                <th className="py-2 pr-4 font-normal">Board</th>
                <th className="py-2 pr-4 font-normal">State</th>
                <th className="py-2 pr-4 font-normal">Since</th>
                <th className="py-2 font-normal">Attempt</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.jobId} className="border-t border-line align-top">
                  <td className="py-2 pr-4">{row.place ?? '–'}</td>
                  <td className="py-2 pr-4">
                    <Link href={`/models/${row.slug}`} className="underline underline-offset-2">
                      {row.name}
                      {row.version > 1 ? ` v${row.version}` : ''}
                    </Link>
                    <span className="block text-xs text-muted">{row.reason}</span>
                  </td>
                  <td className="py-2 pr-4 whitespace-nowrap">{row.board}</td>
                  <td className="py-2 pr-4">
                    <State row={row} />
                  </td>
                  <td className="py-2 pr-4">
                    <When iso={(row.startedAt ?? row.enqueuedAt).toISOString()} />
                  </td>
                  <td className="py-2">{row.attempts > 0 ? `${row.attempts} of 3` : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </>
  );
}

function State({ row }: { row: QueueRow }) {
  const { state, progress, runner, expected, failure, ahead } = row;
  const percent = progress && progress.total > 0 ? Math.min(100, Math.floor((100 * progress.done) / progress.total)) : null;
  return (
    <>
      {WORDS[state]}
      {state === 'active' && runner ? ` by ${runner}` : ''}
      {state === 'active' && percent !== null ? `, ${percent} %: ${progress?.stage}` : ''}
      {state === 'queued' && ahead !== null ? `, ${ahead} ahead` : ''}
      {expected ? (
        <span className="block text-xs text-muted">
          {roughly(expected.lowSeconds * 1000)} to {roughly(expected.highSeconds * 1000).toLowerCase()}
        </span>
      ) : null}
      {failure ? <span className="block text-xs text-muted">{failure.message}</span> : null}
    </>
  );
}
