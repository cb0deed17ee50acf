/** The upload as the page shows it: a pure reducer. */
import type { EvaluationEvent } from '@/lib/protocol/evaluate';
import type { Kept, SendOutcome, SendStep } from './send';
import type { SiteProblem } from './site-client';

export interface Sending {
  step: SendStep;
  steps: SendStep[];
  sent: number;
  total: number;
  /** Of the measuring, in image-steps. */
  measured?: { done: number; total: number; elapsedMs: number };
  status?: string;
}

export interface SendingState {
  phase: 'idle' | 'sending' | 'failed' | 'done';
  /** Under way, or where it broke off. */
  sending?: Sending;
  problem?: SiteProblem;
  kept: Kept;
  /** Things worth a line, such as a GPU that was lost and opened again. */
  notices: string[];
}

export type SendingAction =
  | { type: 'start'; steps: SendStep[]; total: number }
  | { type: 'step'; step: SendStep }
  | { type: 'bytes'; sent: number }
  | { type: 'kept'; kept: Kept }
  | { type: 'event'; event: EvaluationEvent }
  | { type: 'status'; text: string }
  | { type: 'notice'; text: string }
  | { type: 'ended'; outcome: SendOutcome }
  /** Another model, or other details: only the report may stay. */
  | { type: 'forget'; report?: string }
  | { type: 'continue'; kept: Kept };

export const NOT_SENT: SendingState = { phase: 'idle', kept: {}, notices: [] };

export function reduceSending(state: SendingState, action: SendingAction): SendingState {
  switch (action.type) {
    case 'forget':
      return { ...NOT_SENT, kept: action.report === undefined ? {} : { report: action.report } };
    case 'continue':
      return { ...NOT_SENT, kept: action.kept };
    case 'start':
      return {
        ...state,
        phase: 'sending',
        notices: [],
        sending: { step: action.steps[0], steps: action.steps, sent: 0, total: action.total },
      };
    case 'notice':
      return state.notices.includes(action.text) ? state : { ...state, notices: [...state.notices, action.text] };
  }
  if (state.phase !== 'sending' || !state.sending) return state;
  const { sending } = state;
  const now = (more: Partial<Sending>): SendingState => ({ ...state, sending: { ...sending, ...more } });
  switch (action.type) {
    case 'step':
      return now({ step: action.step });
    case 'bytes':
      return now({ sent: action.sent });
    case 'status':
      return now({ status: action.text });
    case 'event': {
      if (action.event.type !== 'progress') return state;
      const { done, total, elapsedMs } = action.event;
      return now({ measured: { done, total, elapsedMs } });
    }
    case 'kept':
      return { ...state, kept: action.kept };
    case 'ended': {
      const { outcome } = action;
      if (outcome.ok) return { phase: 'done', kept: outcome.kept, notices: state.notices };
      return { ...state, phase: 'failed', kept: outcome.kept, problem: outcome.problem, sending: { ...sending, step: outcome.step } };
    }
  }
}

/** What is safe after a break, in a sentence. */
export function keptSentence({ submission, report, claimed }: Kept, total: number): string {
  if (!submission) return report === undefined ? 'What you filled in is kept.' : 'What you filled in and the measured report are kept.';
  const files = total - submission.missing.length;
  const parts =
    submission.state === 'uploading'
      ? `${files} of ${total} files have arrived and are not sent again`
      : 'all files have arrived and were checked';
  const run = claimed !== undefined ? ', the report has been added' : report === undefined ? '' : ', the measured report is kept here';
  return `What you filled in is kept; ${parts}${run}.`;
}
