import type { Metadata } from 'next';
import { NewPassword } from './new-password';

export const metadata: Metadata = { title: 'New password', robots: { index: false }, referrer: 'no-referrer' };

interface Props {
  searchParams: Promise<{ token?: string | string[] }>;
}

export default async function NewPasswordPage({ searchParams }: Props) {
  const { token } = await searchParams;
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Set a new password</h1>
      <p className="mt-2 max-w-2xl text-muted">Whoever is signed in to the account anywhere is signed out.</p>
      {typeof token === 'string' && token !== '' ? (
        <NewPassword token={token} />
      ) : (
        <p role="alert" className="mt-6 text-bad">
          The address holds no token. Copy the whole link.
        </p>
      )}
    </>
  );
}
