import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { github } from '../_server/environment';
import { visitor } from '../_server/visitor';
import { githubSentence } from './credentials';
import { ownPath } from './own-path';
import { SignInForm } from './sign-in-form';

export const metadata: Metadata = { title: 'Sign in', robots: { index: false } };

interface Props {
  searchParams: Promise<{ next?: string | string[]; error?: string | string[] }>;
}

export default async function SignInPage({ searchParams }: Props) {
  const { next: asked, error } = await searchParams;
  const next = ownPath(typeof asked === 'string' ? asked : undefined, '/account');
  if (await visitor()) redirect(next);
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Sign in</h1>
      <p className="mt-2 mb-6 max-w-2xl text-muted">
        An account is needed to submit models and to make tokens for the command line. Reading and evaluating need none.
      </p>
      {error ? (
        <p role="alert" className="mb-4 max-w-sm rounded-lg bg-bad-bg px-3 py-2 text-sm text-bad">
          {githubSentence(typeof error === 'string' ? error : '')}
        </p>
      ) : null}
      <SignInForm next={next} github={github() !== undefined} />
    </>
  );
}
