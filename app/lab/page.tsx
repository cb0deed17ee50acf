import type { Metadata } from 'next';
import Link from 'next/link';
import { IdealCollapse } from './ideal';
import { Lab } from './lab';

export const metadata: Metadata = {
  title: 'Lab',
  description: 'Train a small image classifier in your browser and watch neural collapse happen, epoch by epoch.',
};

export default function LabPage() {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Lab: watch collapse happen</h1>
      <p className="mt-2 max-w-3xl text-muted">
        A small network learns Glyphs here, in your browser, in one of three ways. After every epoch it is attacked and its features are
        measured. Nothing is uploaded, and an epoch that is done is kept in this browser. What the paper finds on large networks is{' '}
        <Link href="/paper" className="underline underline-offset-2">
          measured again on small ones
        </Link>
        .
      </p>
      <Lab />
      <div className="mt-10">
        <IdealCollapse />
      </div>
    </>
  );
}
