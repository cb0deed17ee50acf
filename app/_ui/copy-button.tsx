'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';

/** Copies a text, and says whether it could. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [said, setSaid] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied.'),
      () => setSaid('The browser did not allow copying.'),
    );
  return (
    <span className="inline-flex items-center gap-2">
      <Button onClick={copy} className="rounded-md border border-line px-2 py-1 text-xs hover:bg-panel">
        {label}
      </Button>
      <span role="status" className="text-xs text-muted">
        {said}
      </span>
    </span>
  );
}
