import { eq } from 'drizzle-orm';
import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { complaintsBy } from '@/db/queries/moderation';
import { noticesOf, sawNotices } from '@/db/queries/notices';
import { accounts, users } from '@/db/schema';
import { ownTokens, ownVersions } from '../_server/account';
import { database } from '../_server/database';
import { later } from '../_server/later';
import { mailIsSent } from '../_server/mail';
import { visitor } from '../_server/visitor';
import { Complaints } from './complaints';
import { Leaving } from './leaving';
import { Letters } from './letters';
import { Notices } from './notices';
import { SignOut } from './sign-out';
import { SubmissionList } from './submission-list';
import { Tokens } from './tokens';

export const metadata: Metadata = { title: 'Account', robots: { index: false } };

const ROLE = {
  submitter: undefined,
  runner: 'This account is a runner: its tokens may lease jobs.',
  admin: 'This account is an admin.',
} as const;

export default async function AccountPage() {
  const account = await visitor();
  if (!account) redirect('/signin?next=/account');
  const [versions, tokens] = await Promise.all([ownVersions(account.accountId), ownTokens()]);
  const db = await database();
  const [self] = await db.select({ letters: users.letters, seen: users.seenEvent }).from(users).where(eq(users.id, account.accountId));
  const ways = await db.select({ password: accounts.password }).from(accounts).where(eq(accounts.userId, account.accountId));
  const notices = await noticesOf(db, account.accountId);
  if (notices.length > 0) later('notices were not marked as seen', () => sawNotices(db, account.accountId, notices[0].id));
  const complaints = await complaintsBy(db, account.accountId);
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="text-2xl font-semibold tracking-tight">Account</h1>
          <p className="mt-2 break-words text-muted">
            Signed in as <strong className="font-medium text-fg">{account.name}</strong> ({account.email}).
            {ROLE[account.role] ? ` ${ROLE[account.role]}` : ''}
            {account.role === 'admin' ? (
              <>
                {' '}
                <Link href="/admin" className="underline underline-offset-2">
                  Look after the site
                </Link>
                .
              </>
            ) : null}
          </p>
        </div>
        <SignOut />
      </div>
      <section aria-labelledby="submissions" className="mt-8">
        <h2 id="submissions" className="mb-3 text-lg font-semibold">
          Submissions
        </h2>
        <SubmissionList versions={versions} />
      </section>
      <section aria-labelledby="notices" className="mt-8">
        <h2 id="notices" className="mb-3 text-lg font-semibold">
          What happened
        </h2>
        <Notices notices={notices} seen={self?.seen ?? 0} />
      </section>
      {complaints.length ? (
        <section aria-labelledby="complaints" className="mt-8">
          <h2 id="complaints" className="mb-3 text-lg font-semibold">
            What you reported
          </h2>
          <Complaints complaints={complaints} />
        </section>
      ) : null}
      <section aria-labelledby="tokens" className="mt-8">
        <h2 id="tokens" className="text-lg font-semibold">
          API tokens
        </h2>
        <p className="mt-1 mb-3 max-w-3xl text-sm text-muted">
          A token lets the command line and runners act for this account. Keep it like a password.
        </p>
        <Tokens tokens={tokens} />
      </section>
      {mailIsSent() ? (
        <section aria-labelledby="letters" className="mt-8">
          <h2 id="letters" className="mb-3 text-lg font-semibold">
            Letters
          </h2>
          <Letters chosen={self?.letters ?? []} confirmed={account.emailConfirmed} email={account.email} />
        </section>
      ) : null}
      <section aria-labelledby="leaving" className="mt-8">
        <h2 id="leaving" className="mb-3 text-lg font-semibold">
          Your data
        </h2>
        <Leaving name={account.name} hasPassword={ways.some(({ password }) => password !== null)} />
      </section>
    </>
  );
}
