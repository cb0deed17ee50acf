'use client';

import { useState } from 'react';
import type { LabState } from '@/workers/browser/lab-client';
import { ProblemLine } from '../_ui/problem-line';

/** The model's files as one zip, which /evaluate and /submit take as it is. */
export function TakeModel({ state, className }: { state: LabState; className: string }) {
  const [problem, setProblem] = useState<string>();
  const save = async () => {
    const { zipSync } = await import('fflate');
    const zip = zipSync(Object.fromEntries(state.files)) as Uint8Array<ArrayBuffer>;
    const url = URL.createObjectURL(new Blob([zip], { type: 'application/zip' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `glyphs-${state.request.mode}-epoch-${state.epochs.length}.zip`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <button type="button" onClick={() => save().catch((error: Error) => setProblem(error.message))} className={className}>
        Save as zip
      </button>
      <ProblemLine text={problem} />
    </>
  );
}
