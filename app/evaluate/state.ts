/** The evaluate page as a state machine: a pure reducer, so that every order of events can be tested. */
import type { Condition } from '@/lib/attacks/catalogue';
import type { Collapse } from '@/lib/collapse/nc';
import type { EvaluationEvent, Part } from '@/lib/protocol/evaluate';
import type { Report } from '@/lib/protocol/report';
import type { Inspection } from '@/workers/browser/messages';

/** Numbers that fill in while a run goes on. */
export interface Live {
  accuracy: Partial<Record<Condition, { correct: number; samples: number }>>;
  collapse: Partial<Record<Condition, Collapse>>;
}

export interface Running {
  /** What is waited for before the first stage. */
  status?: string;
  stage?: { part: Part; condition: Condition; index: number; count: number };
  done: number;
  total: number;
  elapsedMs: number;
  /** Images that an attack of AutoAttack is at just now. */
  standing?: number;
  live: Live;
}

export type Phase =
  | { name: 'choosing' }
  | { name: 'inspecting'; status?: string }
  | { name: 'refused'; code: string; reasons: string[] }
  | { name: 'ready'; inspection: Inspection }
  | { name: 'running'; inspection: Inspection; run: Running }
  | { name: 'stopped'; inspection: Inspection; run: Running }
  | { name: 'failed'; inspection: Inspection; run: Running; code: string; message: string }
  | { name: 'done'; inspection: Inspection };

export interface State {
  phase: Phase;
  /** Of the last finished run; stays while the next one is chosen. */
  report?: Report;
  /** Ordinary events worth a line: a hidden tab, a lost GPU. */
  notices: string[];
}

export type Action =
  | { type: 'choose' }
  | { type: 'inspect' }
  | { type: 'inspected'; inspection: Inspection }
  | { type: 'status'; text: string }
  | { type: 'refused'; code: string; message: string }
  | { type: 'start' }
  | { type: 'event'; event: EvaluationEvent }
  | { type: 'notice'; text: string }
  | { type: 'finished'; report: Report }
  /** A report that was kept. */
  | { type: 'show'; report: Report }
  | { type: 'stopped' }
  | { type: 'failed'; code: string; message: string };

export const INITIAL: State = { phase: { name: 'choosing' }, notices: [] };

const NOTHING_YET: Running = { done: 0, total: 1, elapsedMs: 0, live: { accuracy: {}, collapse: {} } };

function advance(run: Running, event: EvaluationEvent): Running {
  switch (event.type) {
    case 'stage':
      return { ...run, stage: { part: event.part, condition: event.condition, index: event.stage, count: event.stages } };
    case 'progress':
      return { ...run, done: event.done, total: event.total, elapsedMs: event.elapsedMs, standing: event.standing };
    case 'accuracy': {
      const { correct, samples } = event;
      return { ...run, live: { ...run.live, accuracy: { ...run.live.accuracy, [event.condition]: { correct, samples } } } };
    }
    case 'collapse':
      return { ...run, live: { ...run.live, collapse: { ...run.live.collapse, [event.condition]: event.values } } };
  }
}

export function reduce(state: State, action: Action): State {
  const { phase } = state;
  switch (action.type) {
    case 'choose':
      return { ...state, ...INITIAL };
    case 'inspect':
      return { ...state, phase: { name: 'inspecting' }, notices: [] };
    case 'inspected':
      return phase.name === 'inspecting' ? { ...state, phase: { name: 'ready', inspection: action.inspection } } : state;
    case 'status':
      if (phase.name === 'inspecting') return { ...state, phase: { name: 'inspecting', status: action.text } };
      return phase.name === 'running' ? { ...state, phase: { ...phase, run: { ...phase.run, status: action.text } } } : state;
    case 'refused':
      return phase.name === 'inspecting'
        ? { ...state, phase: { name: 'refused', code: action.code, reasons: action.message.split('\n') } }
        : state;
    case 'start':
      return 'inspection' in phase && phase.name !== 'running'
        ? { phase: { name: 'running', inspection: phase.inspection, run: NOTHING_YET }, notices: [] }
        : state;
    case 'show':
      return phase.name === 'running' ? state : { ...state, report: action.report };
    case 'notice':
      return state.notices.includes(action.text) ? state : { ...state, notices: [...state.notices, action.text] };
  }
  // What is left comes from a run; late messages of one that has ended change nothing.
  if (phase.name !== 'running') return state;
  const { inspection, run } = phase;
  switch (action.type) {
    case 'event':
      return { ...state, phase: { ...phase, run: advance(run, action.event) } };
    case 'finished':
      return { ...state, phase: { name: 'done', inspection }, report: action.report };
    case 'stopped':
      return { ...state, phase: { name: 'stopped', inspection, run } };
    case 'failed':
      return { ...state, phase: { name: 'failed', inspection, run, code: action.code, message: action.message } };
  }
}
