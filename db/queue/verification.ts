/** What has to be measured again, and why: enqueued in the transaction that causes it. */
import type { Level } from '../../lib/attacks/catalogue';
import { PROTOCOL } from '../../lib/protocol/boards';
import type { Excluded } from '../../lib/protocol/further-opinion';
import type { Db } from '../client';
import { onBoss, QUEUE, type VerificationJob } from './boss';
import { enqueue, lockJob } from './jobs';

/** Why there is a job, as everybody reads it in the queue. */
const REASONS = {
  published: 'the version was published',
  claimed: 'its submitter claims a result on this board',
  autoattack: 'its submitter claims a result under AutoAttack on this board',
  asked: 'somebody asked for it',
  revoked: 'a run that it rested on was revoked',
  decide: 'approved runners disagree: one of another owner is to decide',
  second: 'a second GPU, of another owner and architecture, is to say the same',
  spotted: 'more samples than rounding explains broke in the spot check of a claim',
} as const;

/** One that waits for others to be excluded, or for nobody, is replaced: it might never be taken, and would stand in the way. */
export async function enqueueVerification(
  tx: Db,
  { versionId, board, level = 'pgd' }: { versionId: string; board: string; level?: Level },
  why: keyof typeof REASONS,
  excluded?: Excluded,
): Promise<{ jobId: string; added: boolean }> {
  const job: VerificationJob = {
    ...{ kind: 'verification', versionId, board, protocol: PROTOCOL, level, reason: REASONS[why] },
    ...(excluded ? { excluded } : {}),
  };
  const there = await enqueue(tx, job);
  if (there.added) return there;
  const waits = await lockJob(tx, there.jobId);
  const other = waits?.data.kind === 'verification' ? waits.data.excluded : undefined;
  if (!waits || waits.state === 'active' || !other || JSON.stringify(other) === JSON.stringify(excluded)) return there;
  await onBoss(tx, (boss) => boss.cancel(QUEUE, there.jobId));
  return enqueue(tx, job);
}
