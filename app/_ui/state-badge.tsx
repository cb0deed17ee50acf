/** Where a row stands, as an icon, a word and a sentence; the icon fills as others have checked. */
import type { StandingState } from '@/lib/protocol/standing';
import { ended } from './format';

const STATES: Record<StandingState, { word: string; meaning: string; tone: string; icon: React.ReactNode }> = {
  'self-reported': {
    word: 'self-reported',
    meaning: 'The submitter’s browser said so; nobody else has measured it. Shown, not ranked.',
    tone: 'text-muted',
    icon: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  },
  reproduced: {
    word: 'reproduced',
    meaning: 'Two other accounts measured it and agree. Shown, not ranked.',
    tone: 'text-muted',
    icon: (
      <>
        <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z" fill="currentColor" />
      </>
    ),
  },
  verified: {
    word: 'verified',
    meaning: 'Measured in full by somebody other than the submitter; ranked.',
    tone: 'text-good',
    icon: <circle cx="6" cy="6" r="4.8" fill="currentColor" />,
  },
  'double-verified': {
    word: 'double-verified',
    meaning: 'Two approved runners of different owners and GPU architectures agree; ranked.',
    tone: 'text-good',
    icon: (
      <>
        <circle cx="6" cy="6" r="3" fill="currentColor" />
        <circle cx="6" cy="6" r="5.2" fill="none" stroke="currentColor" strokeWidth="1.2" />
      </>
    ),
  },
  contested: {
    word: 'contested',
    meaning: 'Approved runs disagree; not ranked until a third decides.',
    tone: 'text-warn',
    icon: <path d="M6 1v6M6 9.2v1.6" stroke="currentColor" strokeWidth="2" />,
  },
  flagged: {
    word: 'flagged',
    meaning: 'A check found a reason to doubt the number; not ranked.',
    tone: 'text-warn',
    icon: <path d="M2.5 11V1.5h7l-2 2.5 2 2.5h-7" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  },
  disqualified: {
    word: 'disqualified',
    meaning: 'Taken out of the ranking by an admin, for the reason shown.',
    tone: 'text-bad line-through',
    icon: <path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" strokeWidth="1.8" />,
  },
};

export function StateBadge({ state, baseline, reason }: { state: StandingState; baseline?: boolean; reason?: string | null }) {
  const { word, meaning, tone, icon } = STATES[state];
  const more = baseline ? ' A baseline, measured by this installation’s own code.' : reason ? ` ${ended(reason)}` : '';
  return (
    <span className={`inline-flex items-center gap-1.5 text-xs whitespace-nowrap ${tone}`} title={`${meaning}${more}`}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {icon}
      </svg>
      {word}
      {baseline ? <span className="text-muted">· baseline</span> : null}
      <span className="sr-only">
        . {meaning}
        {more}
      </span>
    </span>
  );
}
