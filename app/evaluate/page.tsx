import type { Metadata } from 'next';
import { Evaluate } from './evaluate';

export const metadata: Metadata = {
  title: 'Evaluate',
  description: 'Attack an image classifier and measure its neural collapse in your browser.',
};

export default function EvaluatePage() {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Evaluate a model</h1>
      <p className="mt-2 max-w-3xl text-muted">
        The model is attacked and its features are measured here, in your browser. Nothing is uploaded; the data come from this site and
        stay in the browser’s cache.
      </p>
      <Evaluate />
    </>
  );
}
