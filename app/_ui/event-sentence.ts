/** An event as a sentence: in a model's history and in the feed. */
import type { EventKind } from '@/db/schema';
import { ended } from './format';

interface Happened {
  kind: EventKind;
  /** The account's name. */
  by: string | null;
  board: string | null;
  data: Record<string, unknown>;
}

const text = (value: unknown) => (typeof value === 'string' ? value : 'nothing');

/** One event as a sentence. */
export function eventSentence({ kind, by, board, data }: Happened): string {
  const who = by ? ` by ${by}` : '';
  switch (kind) {
    case 'seeded':
      return 'Added as a baseline of this installation.';
    case 'submitted':
      return `Submitted${who}.`;
    case 'published':
      return `Published${who}.`;
    case 'refused':
      return 'Refused by the server’s checks.';
    case 'run-added':
      return `A run (${text(data.kind)}) on ${board} was added${who}.`;
    case 'run-revoked':
      return `A run on ${board} was revoked: ${ended(text(data.reason))}`;
    case 'witnesses-accepted': {
      const [from, to] = [data.from, data.to].map((share) => (typeof share === 'number' ? `${(100 * share).toFixed(2)} %` : 'not run'));
      return `${by ?? 'Somebody'} broke ${data.images} more ${data.images === 1 ? 'image' : 'images'} on ${board}: robust accuracy ${from} → ${to}.`;
    }
    case 'witnesses-revoked':
      return `Adversarial images${by ? ` of ${by}` : ''} on ${board} are judged again: ${ended(text(data.reason))}`;
    case 'spot-checked': {
      const what = `${data.attacked} of the ${data.robust} images that a claim on ${board} calls robust were attacked again, ${data.broken} broke`;
      return data.verdict === 'passed' ? `Spot-checked: ${what}.` : `Spot check: ${what}; it is measured in full.`;
    }
    case 'spot-check-revoked':
      return `A spot check on ${board} is made again: ${ended(text(data.reason))}`;
    case 'hidden':
      return `${data.bySite ? 'Out of sight' : 'Hidden by the admins'}: ${ended(text(data.reason))}`;
    case 'shown':
      return `Shown again by the admins: ${ended(text(data.reason))}`;
    case 'locked':
      return `Locked by the admins, so that no runs and witnesses are taken: ${ended(text(data.reason))}`;
    case 'unlocked':
      return `Unlocked by the admins: ${ended(text(data.reason))}`;
    case 'disqualified':
      return `Disqualified by the admins: ${ended(text(data.reason))}`;
    case 'reinstated':
      return `Reinstated by the admins: ${ended(text(data.reason))}`;
    case 'appealed':
      return `Appealed against by its submitter${who}.`;
    case 'appeal-answered':
      return `The appeal was ${data.upheld ? 'upheld' : 'rejected'}: ${ended(text(data.answer))}`;
    case 'weights-removed':
      return 'Its submitter left and had the files removed; what was measured stays.';
    case 'complaint-answered':
      return `The admins answered what you reported about ${text(data.name)}: ${ended(text(data.answer))}`;
    case 'measuring-failed':
      return `Measuring ${text(data.name)} again on ${board} failed: ${ended(text(data.message))}`;
    case 'state-changed':
      return `On ${board}: ${text(data.from) === 'nothing' ? 'not measured' : text(data.from)} → ${text(data.to) === 'nothing' ? 'not measured' : text(data.to)}${data.reason ? ` (${text(data.reason)})` : ''}.`;
  }
}
