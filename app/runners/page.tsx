import type { Metadata } from 'next';
import Link from 'next/link';
import { listRunners } from '@/db/queries/runners';
import { database } from '../_server/database';
import { ListTable } from '../_ui/list-table';
import { When } from '../_ui/when';

/** Made at every request: it shows what is so now. */
export const dynamic = 'force-dynamic';

export const metadata: Metadata = { title: 'Runners', description: 'Who measures again, on which hardware.' };

type Row = Awaited<ReturnType<typeof listRunners>>[number];

const standingOf = (runner: Row): string => {
  if (runner.revokedAt) return `revoked: ${runner.revokedReason}`;
  if (runner.local) return 'this installation’s own; approved here alone';
  return runner.approvedAt ? 'approved: its runs verify' : 'not approved yet: its runs verify nothing';
};

export default async function Page() {
  const runners = await listRunners(await database());
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Runners</h1>
      <p className="mt-2 mb-6 max-w-3xl text-muted">
        Machines that measure models again and sign what they find, so that anybody can check who said it. What they do just now stands in
        the{' '}
        <Link href="/queue" className="underline underline-offset-2">
          queue
        </Link>
        .
      </p>
      {runners.length === 0 ? (
        <p className="text-sm">No runner has come to this site yet.</p>
      ) : (
        <ListTable
          label="Runners"
          heads={['Runner', 'Owner', 'Hardware', 'Standing', 'Runs', 'Last heard of']}
          rows={runners.map((runner) => ({
            key: runner.id,
            muted: runner.revokedAt !== null,
            cells: [
              <>
                {runner.name}
                <span className="block font-mono text-xs text-muted" title="Ed25519 public key">
                  {runner.publicKey.slice(0, 12)}…
                </span>
              </>,
              runner.local ? 'this installation' : (runner.owner ?? 'deleted user'),
              <>
                {runner.backend} on {runner.device}
                <span className="block text-xs text-muted">{runner.engine}</span>
              </>,
              standingOf(runner),
              runner.runs,
              <When key="seen" iso={runner.lastSeenAt.toISOString()} />,
            ],
          }))}
        />
      )}
    </>
  );
}
