/** What the queue holds for this row, as long as it matters: it waits, it runs, or it failed. */
import Link from 'next/link';
import { JobState } from '@/app/queue/job-state';
import type { QueueRow } from '@/db/queries/queue-page';

export function Job({ job, what = 'Measuring again by a runner' }: { job: QueueRow; what?: string }) {
  if (job.state === 'done' || job.state === 'cancelled') return null;
  return (
    <p className="mt-4 rounded-lg border border-line px-3 py-2 text-sm">
      <Link href={`/queue/${job.jobId}`} className="underline underline-offset-2">
        {what}
      </Link>
      {': '}
      <JobState job={job} />
    </p>
  );
}
