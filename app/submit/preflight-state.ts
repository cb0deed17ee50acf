/** The preflight as the page shows it: a pure reducer, so that every order of messages can be tested. */
import { CHECK_IDS, type Check, type CheckId } from '@/lib/protocol/preflight-checks';
import type { Preflight } from '@/workers/browser/messages';

export interface PreflightState {
  phase: 'choosing' | 'running' | 'stopped' | 'failed' | 'done';
  /** What is waited for before the first image. */
  status?: string;
  checks: Partial<Record<CheckId, Check>>;
  /** `sinceMs`: when this check began. */
  running?: { id: CheckId; done: number; total: number; sinceMs: number; nowMs: number };
  failure?: { code: string; message: string };
  result?: Preflight;
}

export type PreflightAction =
  | { type: 'choose' }
  | { type: 'start' }
  | { type: 'status'; text: string }
  | { type: 'check'; check: Check }
  | { type: 'progress'; id: CheckId; done: number; total: number; nowMs: number }
  | { type: 'finished'; result: Preflight }
  | { type: 'stopped' }
  | { type: 'failed'; code: string; message: string };

export const NOT_STARTED: PreflightState = { phase: 'choosing', checks: {} };

export function reducePreflight(state: PreflightState, action: PreflightAction): PreflightState {
  if (action.type === 'choose') return NOT_STARTED;
  if (action.type === 'start') return { phase: 'running', checks: {} };
  // Late messages of one that has ended change nothing.
  if (state.phase !== 'running') return state;
  const { running, ...rest } = state;
  switch (action.type) {
    case 'status':
      return { ...state, status: action.text };
    case 'check':
      return { ...(running?.id === action.check.id ? rest : state), checks: { ...state.checks, [action.check.id]: action.check } };
    case 'progress': {
      const { id, done, total, nowMs } = action;
      return { ...state, running: { id, done, total, nowMs, sinceMs: running?.id === id ? running.sinceMs : nowMs } };
    }
    case 'finished':
      return { ...rest, phase: 'done', result: action.result };
    case 'stopped':
      return { ...rest, phase: 'stopped' };
    case 'failed':
      return { ...rest, phase: 'failed', failure: { code: action.code, message: action.message } };
  }
}

/** The whole of it in a line. */
export function summaryOf({ phase, checks }: PreflightState): string | undefined {
  if (phase !== 'done') return undefined;
  const states = CHECK_IDS.flatMap((id) => checks[id]?.state ?? []);
  const refused = states.filter((s) => s === 'refused').length;
  const flagged = states.filter((s) => s === 'flagged').length;
  if (refused) return 'The model can’t be submitted as it is. Nothing was uploaded.';
  if (flagged) return `The model can be submitted, with ${flagged === 1 ? 'one flag' : `${flagged} flags`}. Nothing has been uploaded yet.`;
  return 'The model can be submitted. Nothing has been uploaded yet.';
}
