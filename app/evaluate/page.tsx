import type { Metadata } from 'next';
import { Evaluate } from './evaluate';
import { readView } from './view';

export const metadata: Metadata = {
  title: 'Evaluate',
  description: 'Attack an image classifier and measure its neural collapse in your browser.',
};

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function EvaluatePage({ searchParams }: Props) {
  const entries = Object.entries(await searchParams).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : []));
  const view = readView(new URLSearchParams(entries));
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Evaluate a model</h1>
      <p className="mt-2 max-w-3xl text-muted">
        The model is attacked and its features are measured here, in your browser. Nothing is uploaded; the images come from this site and
        stay in the browser’s cache, or are drawn here.
      </p>
      <Evaluate initial={view} />
    </>
  );
}
