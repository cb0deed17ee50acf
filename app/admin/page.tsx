import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import { findAccounts } from '@/db/queries/accounts';
import { openAppeals, openComplaints } from '@/db/queries/moderation';
import { runnersPage } from '@/db/queries/runners-page';
import { database } from '../_server/database';
import { mailIsSent } from '../_server/mail';
import { visitor } from '../_server/visitor';
import { ListTable } from '../_ui/list-table';
import { When } from '../_ui/when';
import { Checks } from '../runners/checks';
import { field, secondary } from '../signin/controls';
import { Brought } from './brought';
import { ResetLink } from './reset-link';
import { RoleChoice } from './role-choice';
import { RunnerDecision } from './runner-decision';

export const metadata: Metadata = { title: 'Look after the site', robots: { index: false } };

interface Props {
  searchParams: Promise<{ search?: string | string[] }>;
}

export default async function AdminPage({ searchParams }: Props) {
  const account = await visitor();
  if (!account) redirect('/signin?next=/admin');
  if (account.role !== 'admin') notFound();
  const asked = (await searchParams).search;
  const search = typeof asked === 'string' ? asked.trim().slice(0, 100) : '';
  const db = await database();
  const [found, { runners }] = [await findAccounts(db, search), await runnersPage(db)];
  const [complaints, appeals] = [await openComplaints(db), await openAppeals(db)];
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Look after the site</h1>
      <section aria-labelledby="brought" className="mt-8">
        <h2 id="brought" className="mb-3 text-lg font-semibold">
          Complaints and appeals
        </h2>
        <Brought complaints={complaints} appeals={appeals} />
      </section>
      <section aria-labelledby="runners" className="mt-8">
        <h2 id="runners" className="text-lg font-semibold">
          Runners
        </h2>
        <p className="mt-1 mb-3 max-w-3xl text-sm text-muted">
          What an approved runner measures verifies. Revoking its key takes back everything that it ever signed, and can’t be undone.
        </p>
        {runners.length === 0 ? (
          <p className="text-sm">No runner has come to this site yet.</p>
        ) : (
          <ListTable
            label="Runners"
            heads={['Runner', 'Owner', 'Hardware', 'Reference models', 'Runs', 'Decision']}
            rows={runners.map((runner) => ({
              key: runner.id,
              muted: runner.revokedAt !== null,
              cells: [
                <>
                  {runner.name}
                  <span className="block font-mono text-xs text-muted">{runner.publicKey.slice(0, 12)}…</span>
                </>,
                runner.local ? 'this installation' : (runner.owner ?? 'deleted user'),
                `${runner.backend} on ${runner.device}`,
                <Checks key="checks" checks={runner.checks} />,
                runner.runs,
                runner.revokedAt ? (
                  `revoked: ${runner.revokedReason}`
                ) : (
                  <RunnerDecision
                    key="decide"
                    runnerId={runner.id}
                    name={runner.name}
                    approved={runner.local || runner.approvedAt !== null}
                  />
                ),
              ],
            }))}
          />
        )}
      </section>
      <section aria-labelledby="accounts" className="mt-10">
        <h2 id="accounts" className="text-lg font-semibold">
          Accounts
        </h2>
        <search>
          <form className="mt-2 mb-3 flex max-w-xl gap-2">
            <input
              type="search"
              name="search"
              defaultValue={search}
              maxLength={100}
              aria-label="Part of a name or an address"
              placeholder="Part of a name or an address"
              className={field}
            />
            <button type="submit" className={secondary}>
              Find
            </button>
          </form>
        </search>
        <p className="mb-3 max-w-3xl text-sm text-muted">
          {search === '' ? 'Runners and admins; find others by name or address. ' : ''}Runners lease jobs with their tokens. Admins see this
          page.
        </p>
        {found.length === 0 ? (
          <p className="text-sm">Nobody has “{search}” in name or address.</p>
        ) : (
          <ListTable
            label="Accounts"
            heads={['Account', 'Models', 'Since', 'Role']}
            rows={found.map(({ id, name, email, role, models, createdAt }) => ({
              key: id,
              cells: [
                <>
                  {name}
                  <span className="block text-xs break-all text-muted">{email}</span>
                </>,
                models,
                <When key="since" iso={createdAt.toISOString()} day />,
                <div key={`${id} ${role}`} className="grid justify-items-start gap-2">
                  <RoleChoice accountId={id} name={name} role={role} />
                  {mailIsSent() ? null : <ResetLink accountId={id} name={name} />}
                </div>,
              ],
            }))}
          />
        )}
      </section>
    </>
  );
}
