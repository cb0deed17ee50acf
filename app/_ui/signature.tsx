'use client';

import { useEffect, useState } from 'react';
import { verifyAttestation } from '@/lib/protocol/attestation';

interface Props {
  runId: string;
  /** Base64. */
  signature: string;
  publicKey: string;
}

type Checked = 'checking' | 'holds' | 'does-not-hold' | 'no-engine' | 'unreachable';

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

async function check({ runId, signature, publicKey }: Props, signal: AbortSignal): Promise<Checked> {
  // WebCrypto is there in secure contexts only.
  if (!globalThis.crypto?.subtle) return 'no-engine';
  let report: Uint8Array;
  try {
    const answer = await fetch(`/api/v1/runs/${runId}/report`, { signal });
    if (!answer.ok) return 'unreachable';
    report = new Uint8Array(await answer.arrayBuffer());
  } catch {
    return 'unreachable';
  }
  try {
    return (await verifyAttestation(report, bytesOf(signature), bytesOf(publicKey))) ? 'holds' : 'does-not-hold';
  } catch {
    return 'no-engine';
  }
}

const WORDS: Record<Checked, string> = {
  checking: 'Your browser is checking the signature…',
  holds: 'Your browser has checked the signature: it holds for this report’s exact bytes.',
  'does-not-hold': 'Your browser has checked the signature: it does not hold. Don’t believe this report.',
  'no-engine': 'Your browser cannot check Ed25519 signatures; `npm run -s verify` does it without a browser.',
  unreachable: 'The report could not be fetched, so its signature was not checked.',
};

/** Fetches the report's bytes and checks who signed them, here, so that the site need not be believed. */
export function Signature(props: Props) {
  const { runId, signature, publicKey } = props;
  const [checked, setChecked] = useState<Checked>('checking');
  useEffect(() => {
    const stop = new AbortController();
    void check({ runId, signature, publicKey }, stop.signal).then((result) => {
      if (!stop.signal.aborted) setChecked(result);
    });
    return () => stop.abort();
  }, [runId, signature, publicKey]);
  const tone = checked === 'holds' ? 'text-good' : checked === 'does-not-hold' ? 'font-medium text-bad' : 'text-muted';
  return (
    <span role="status" className={`block ${tone}`} data-signature={checked}>
      {WORDS[checked]}
    </span>
  );
}
