import type { Metadata } from 'next';
import { headers } from 'next/headers';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { attestationOf } from '@/app/_server/attestation';
import { database } from '@/app/_server/database';
import { reader } from '@/app/_server/reader';
import { ReportView } from '@/app/_ui/report/report-view';
import { SignedBy } from '@/app/_ui/signed-by';
import { SpotChecked } from '@/app/_ui/spot-checked';
import { When } from '@/app/_ui/when';
import { runById, standingsOf } from '@/db/queries/models';
import { isVerified } from '@/db/queries/verified';
import { reportSchema } from '@/lib/protocol/report';

interface Props {
  params: Promise<{ id: string }>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function find({ params }: Props) {
  const { id } = await params;
  return UUID.test(id) ? runById(await database(), id, await reader(await headers())) : undefined;
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const row = await find(props);
  if (!row) return {};
  const states = await standingsOf(await database(), row.run.versionId);
  const verified = states.some((s) => s.board === row.run.board && s.protocol === row.run.protocol && isVerified(s.state));
  return {
    title: `Run ${row.run.id.slice(0, 8)} of ${row.name}`,
    description: `What one run measured of ${row.name} on ${row.run.board}, who made it, on what and with which seed.`,
    ...(verified ? {} : { robots: { index: false } }),
  };
}

const KINDS = {
  claim: 'A claim: measured by the submitter.',
  reproduction: 'A reproduction: measured by somebody other than the submitter.',
  verification: 'A verification: measured again by a runner.',
  baseline: 'A baseline: measured by this installation’s own code.',
  curves: 'Accuracy curves, on request: measured by a runner; no standing rests on them.',
} as const;

export default async function Page(props: Props) {
  const row = await find(props);
  if (!row) notFound();
  const { run, slug, name, version, by } = row;
  const attestation = attestationOf(row);
  return (
    <>
      <p className="text-sm text-muted">
        <Link href={`/models/${slug}`} className="underline underline-offset-2">
          {name}
          {version > 1 ? ` v${version}` : ''}
        </Link>{' '}
        on{' '}
        <Link href={`/boards/${run.board}`} className="underline underline-offset-2">
          {run.board}
        </Link>
      </p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight">Run {run.id.slice(0, 8)}</h1>
      <p className="mt-1 mb-6 text-sm">
        {KINDS[run.kind]} {by ? `Sent by ${by}, ` : 'Added '}
        <When iso={run.createdAt.toISOString()} />.
      </p>
      {attestation ? (
        <div className="mb-6">
          <SignedBy attestation={attestation} />
        </div>
      ) : null}
      {row.spotCheck ? (
        <div className="mb-6">
          <SpotChecked check={row.spotCheck} />
        </div>
      ) : null}
      {run.revokedAt ? (
        <p className="mb-6 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          Revoked <When iso={run.revokedAt.toISOString()} />: {run.revokedReason}. It counts for nothing.
        </p>
      ) : null}
      <ReportView report={reportSchema.parse(JSON.parse(run.report))} />
    </>
  );
}
