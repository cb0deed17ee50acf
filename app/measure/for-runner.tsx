'use client';

import { useEffect } from 'react';

/** Puts the worker within the reach of whoever has this browser's debugging pipe. */
export function ForRunner() {
  useEffect(() => {
    void import('@/workers/browser/for-runner').then(({ forRunner }) => {
      window.simplexityForRunner = forRunner();
    });
  }, []);
  return null;
}
