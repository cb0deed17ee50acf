'use client';

import { useState } from 'react';
import type { LabState } from '@/workers/browser/lab-client';
import { ProblemLine } from '../_ui/problem-line';

interface Props {
  files: LabState['files'];
  mode: LabState['request']['mode'];
  epoch: number;
  className: string;
  children: React.ReactNode;
}

/** A checkpoint's files as one zip, which /evaluate and /submit take as it is. */
export function TakeModel({ files, mode, epoch, className, children }: Props) {
  const [problem, setProblem] = useState<string>();
  const save = async () => {
    const { zipSync } = await import('fflate');
    const zip = zipSync(Object.fromEntries(files)) as Uint8Array<ArrayBuffer>;
    const url = URL.createObjectURL(new Blob([zip], { type: 'application/zip' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `glyphs-${mode}-epoch-${epoch}.zip`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <button type="button" onClick={() => save().catch((error: Error) => setProblem(error.message))} className={className}>
        {children}
      </button>
      <ProblemLine text={problem} />
    </>
  );
}
