/** What has to be measured again, and why: enqueued in the transaction that causes it. */
import type { Level } from '../../lib/attacks/catalogue';
import { PROTOCOL } from '../../lib/protocol/boards';
import type { Excluded } from '../../lib/protocol/further-opinion';
import type { Db } from '../client';
import { enqueue } from './jobs';

/** Why there is a job, as everybody reads it in the queue. */
const REASONS = {
  published: 'the version was published',
  claimed: 'its submitter claims a result on this board',
  asked: 'somebody asked for it',
  decide: 'approved runners disagree: one of another owner is to decide',
  second: 'a second GPU, of another owner and architecture, is to say the same',
  spotted: 'more samples than rounding explains broke in the spot check of a claim',
} as const;

export const enqueueVerification = (
  tx: Db,
  { versionId, board }: { versionId: string; board: string },
  why: keyof typeof REASONS,
  excluded?: Excluded,
  level: Level = 'pgd',
) =>
  enqueue(tx, {
    ...{ kind: 'verification', versionId, board, protocol: PROTOCOL, level, reason: REASONS[why] },
    ...(excluded ? { excluded } : {}),
  });
