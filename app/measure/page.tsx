import type { Metadata } from 'next';
import Link from 'next/link';
import { ForRunner } from './for-runner';

export const metadata: Metadata = { title: 'For runners', robots: { index: false } };

export default function Page() {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">For runners</h1>
      <p className="mt-2 max-w-3xl text-muted">
        A runner opens this page in a browser of its own and measures in the worker that{' '}
        <Link href="/evaluate" className="underline underline-offset-2">
          Evaluate
        </Link>{' '}
        runs in yours. By itself it does nothing.
      </p>
      <ForRunner />
    </>
  );
}
