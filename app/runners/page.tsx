import type { Metadata } from 'next';
import Link from 'next/link';
import { type RunnerRow, runnersPage } from '@/db/queries/runners-page';
import { REFERENCE_COUNTS, REFERENCES } from '@/lib/protocol/reference-check';
import { database } from '../_server/database';
import { count, significant } from '../_ui/format';
import { ListTable } from '../_ui/list-table';
import { When } from '../_ui/when';
import { Checks } from './checks';

/** Made at every request: it shows what is so now. */
export const dynamic = 'force-dynamic';

export const metadata: Metadata = { title: 'Runners', description: 'Who measures again, on which hardware.' };

const standingOf = (runner: RunnerRow): string => {
  if (runner.revokedAt) return `revoked: ${runner.revokedReason}`;
  if (runner.drifted) return 'stopped: its numbers drifted; it gets no work until they hold again';
  if (runner.local) return 'this installation’s own; approved here alone';
  return runner.approvedAt ? 'approved: its runs verify' : 'not approved yet: it measures the reference models alone';
};

export default async function Page() {
  const { runners, agreement } = await runnersPage(await database());
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
          heads={['Runner', 'Owner', 'Hardware', 'Standing', 'Reference models', 'Runs', 'Last heard of']}
          rows={runners.map((runner) => ({
            key: runner.id,
            muted: runner.revokedAt !== null,
            cells: [
              <>
                {runner.name}
                <span className="block max-w-44 font-mono text-xs break-all text-muted" title="Ed25519 public key">
                  {runner.publicKey}
                </span>
              </>,
              runner.local ? 'this installation' : (runner.owner ?? 'deleted user'),
              <>
                {runner.backend} on {runner.device}
                <span className="block text-xs text-muted">{runner.engine}</span>
              </>,
              standingOf(runner),
              <Checks key="checks" checks={runner.checks} />,
              runner.runs,
              <When key="seen" iso={runner.lastSeenAt.toISOString()} />,
            ],
          }))}
        />
      )}
      <section aria-labelledby="agreement" className="mt-10">
        <h2 id="agreement" className="text-lg font-semibold">
          How far hardware agrees
        </h2>
        <p className="mt-1 mb-3 max-w-3xl text-sm text-muted">
          Once a day every runner measures {REFERENCES.map((r) => r.model).join(', ')} with a seed that everybody knows, on{' '}
          {count(REFERENCE_COUNTS.samples)} test and {count(REFERENCE_COUNTS.trainSamples)} training images, and is held against reports
          that are part of the site’s code. Beyond the bands of the protocol it is given no other work. The last 90 days, by GPU
          architecture:
        </p>
        {agreement.length === 0 ? (
          <p className="text-sm">Nothing has been compared yet.</p>
        ) : (
          <ListTable
            label="Agreement by architecture"
            heads={[
              'Architecture',
              'Checks that held',
              'Outcomes that differ',
              'Collapse, clean: largest difference',
              'Collapse, attacked',
            ]}
            rows={agreement.map((row) => ({
              key: row.architecture,
              cells: [
                row.architecture,
                `${row.held} of ${row.checks}`,
                `${count(row.flips)} of ${count(row.outcomes)}`,
                row.cleanCollapse === null ? 'not compared' : significant(row.cleanCollapse),
                row.otherCollapse === null ? 'not compared' : significant(row.otherCollapse),
              ],
            }))}
          />
        )}
      </section>
    </>
  );
}
