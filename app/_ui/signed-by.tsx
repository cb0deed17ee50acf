/** Who signed a run, the visitor's own check of it, and where the pieces are to check it anywhere else. */
import Link from 'next/link';
import type { Attestation } from '@/lib/protocol/attestation';
import { Signature } from './signature';

export function SignedBy({ attestation }: { attestation: Attestation }) {
  const { run, runner, signature } = attestation;
  const of = runner.local ? ', this installation’s own runner' : runner.owner ? `, a runner of ${runner.owner}` : '';
  return (
    <div className="mt-3 text-sm">
      Signed by{' '}
      <Link href="/runners" className="underline underline-offset-2">
        {runner.name}
      </Link>
      {of}.
      <Signature runId={run} signature={signature} publicKey={runner.publicKey} />
      <details className="mt-1">
        <summary className="cursor-pointer text-muted">Key, signature, and how to check them without this site</summary>
        <dl className="mt-2 grid gap-1 sm:grid-cols-[7rem_1fr]">
          <dt className="text-muted">Public key</dt>
          <dd className="font-mono text-xs break-all">{runner.publicKey}</dd>
          <dt className="text-muted">Signature</dt>
          <dd className="font-mono text-xs break-all">{signature}</dd>
        </dl>
        <p className="mt-2">
          Ed25519 over the SHA-256 of the{' '}
          <a href={`/api/v1/runs/${run}/report`} download="report.json" className="underline underline-offset-2">
            report
          </a>
          ; with the{' '}
          <a href={`/api/v1/runs/${run}/attestation`} download="attestation.json" className="underline underline-offset-2">
            attestation
          </a>{' '}
          beside it:
        </p>
        <pre className="mt-1 overflow-auto rounded-md bg-panel p-2 text-xs">
          npm run -s verify -- --report report.json --attestation attestation.json
        </pre>
      </details>
    </div>
  );
}
