/** A run's signature with all that checking it needs; undefined where nobody signed it, or the runner is gone. */
import type { runById } from '@/db/queries/models';
import type { Attestation } from '@/lib/protocol/attestation';

export function attestationOf({ run, runner, runnerOwner }: NonNullable<Awaited<ReturnType<typeof runById>>>): Attestation | undefined {
  if (!runner || !run.signature) return undefined;
  return {
    schema: 'attestation/1',
    run: run.id,
    reportSha256: run.reportSha256,
    signature: run.signature,
    runner: { name: runner.name, publicKey: runner.publicKey, owner: runnerOwner, local: runner.local },
    revokedAt: run.revokedAt?.toISOString() ?? null,
    revokedReason: run.revokedReason,
  };
}
