import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { z } from 'zod';
import { jobPage } from '@/db/queries/queue-page';
import { lastLog } from '@/db/queue/logs';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
import { database } from '../../_server/database';
import { visitor } from '../../_server/visitor';
import { ListTable } from '../../_ui/list-table';
import { When } from '../../_ui/when';
import { JobState } from '../job-state';
import { JobActions } from './job-actions';

interface Props {
  params: Promise<{ id: string }>;
}

const OUTCOMES = {
  done: 'done',
  failed: 'failed',
  released: 'handed back',
  expired: 'not heard of any more',
  cancelled: 'cancelled',
} as const;

async function find({ params }: Props) {
  const { id } = await params;
  return z.uuid().safeParse(id).success ? jobPage(await database(), id) : undefined;
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const job = await find(props);
  return job ? { title: `Measuring ${job.name} again`, robots: { index: false } } : {};
}

export default async function Page(props: Props) {
  const job = await find(props);
  if (!job) notFound();
  const account = await visitor();
  const admin = account?.role === 'admin';
  const mine = admin || (account !== null && account.accountId === job.ownerId);
  const log = mine ? await lastLog(await database(), job.jobId) : [];
  const board = BOARDS.get(job.board);
  const ended = ['done', 'failed', 'cancelled'].includes(job.state);
  return (
    <>
      <p className="text-sm">
        <Link href="/queue" className="text-muted underline underline-offset-2">
          Queue
        </Link>
      </p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight break-words">
        <Link href={`/models/${job.slug}?version=${job.version}&board=${job.board}`} className="hover:underline">
          {job.name}
          {job.version > 1 ? ` v${job.version}` : ''}
        </Link>
      </h1>
      <dl className="mt-4 grid max-w-3xl gap-x-6 gap-y-2 text-sm sm:grid-cols-[8rem_1fr]">
        <dt className="text-muted">Board</dt>
        <dd>{board ? `${DATASETS[board.dataset].title} ${NORM_LABEL[board.norm]} ${board.epsilonLabel}` : job.board}</dd>
        <dt className="text-muted">Why</dt>
        <dd>{job.reason}</dd>
        <dt className="text-muted">State</dt>
        <dd>
          <JobState job={job} />
        </dd>
        <dt className="text-muted">In the queue since</dt>
        <dd>
          <When iso={job.enqueuedAt.toISOString()} />
        </dd>
      </dl>
      <JobActions jobId={job.jobId} again={mine && ended && job.kind === 'verification'} cancel={admin && !ended} />
      <section aria-labelledby="attempts" className="mt-8">
        <h2 id="attempts" className="mb-2 text-lg font-semibold">
          Attempts
        </h2>
        {job.leases.length === 0 ? (
          <p className="text-sm text-muted">No runner has had it yet.</p>
        ) : (
          <ListTable
            label="Attempts"
            heads={['Runner', 'Attempt', 'From', 'Until', 'How it went']}
            rows={job.leases.map((lease, i) => ({
              key: String(i),
              cells: [
                lease.runner ?? 'a runner that is gone',
                `${lease.attempt} of 3`,
                <When key="from" iso={lease.leasedAt.toISOString()} />,
                lease.endedAt ? <When key="until" iso={lease.endedAt.toISOString()} /> : 'now',
                <>
                  {lease.outcome ? OUTCOMES[lease.outcome] : 'is measured'}
                  {lease.message ? <span className="block text-xs text-muted">{lease.message}</span> : null}
                </>,
              ],
            }))}
          />
        )}
      </section>
      {mine ? (
        <section aria-labelledby="log" className="mt-8">
          <h2 id="log" className="mb-2 text-lg font-semibold">
            What its runners wrote
          </h2>
          {log.length === 0 ? (
            <p className="text-sm text-muted">Nothing yet.</p>
          ) : (
            <pre className="max-h-96 overflow-auto rounded-lg border border-line bg-panel p-3 text-xs">
              {log.map((chunk) => chunk.text).join('')}
            </pre>
          )}
          <p className="mt-1 text-xs text-muted">The last of it; shown to the submitter and admins only.</p>
        </section>
      ) : null}
    </>
  );
}
