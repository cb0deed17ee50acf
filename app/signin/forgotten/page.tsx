import type { Metadata } from 'next';
import { connection } from 'next/server';
import { mailIsSent } from '../../_server/mail';
import { AskForm } from './ask-form';

export const metadata: Metadata = { title: 'Forgotten password', robots: { index: false } };

export default async function ForgottenPage() {
  await connection();
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Forgotten your password?</h1>
      {mailIsSent() ? (
        <>
          <p className="mt-2 max-w-2xl text-muted">
            Give the address of your account, and a letter with a link to a new password comes to it.
          </p>
          <AskForm />
        </>
      ) : (
        <p className="mt-2 max-w-2xl text-muted">
          This site sends no mail. Ask one of its admins for a link: they make one on their page, and it works once, for 24 hours.
        </p>
      )}
    </>
  );
}
