import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { visitor } from '../../_server/visitor';
import { ClaimForm } from './claim-form';

export const metadata: Metadata = { title: 'Become an admin', robots: { index: false }, referrer: 'no-referrer' };

interface Props {
  searchParams: Promise<{ token?: string | string[] }>;
}

export default async function ClaimPage({ searchParams }: Props) {
  const { token } = await searchParams;
  const account = await visitor();
  if (!account)
    redirect(`/signin?next=${encodeURIComponent(`/admin/claim?token=${typeof token === 'string' ? encodeURIComponent(token) : ''}`)}`);
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Become an admin</h1>
      <p className="mt-2 max-w-2xl text-muted">
        Whoever started this site was shown this link. It works once, and makes the account that is signed in an admin.
      </p>
      {typeof token === 'string' && token !== '' ? (
        <ClaimForm token={token} name={account.name} />
      ) : (
        <p role="alert" className="mt-6 text-bad">
          The address holds no token. Copy the whole link that the site printed when it started.
        </p>
      )}
    </>
  );
}
