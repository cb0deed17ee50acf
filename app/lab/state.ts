/** What the lab shows, as a function of what has been heard. */
import type { FailureCode } from '@/lib/failure';
import type { LabNews, LabRequest, LabState } from '@/workers/browser/lab-client';
import { recipeOf } from '@/workers/browser/lab-request';
import { type PastEpoch, withEpoch } from './past';
import { begunTiming, heard, leftMs, type Timing } from './time';

export interface LabView {
  phase: 'idle' | 'running' | 'stopped' | 'done' | 'failed';
  status: string;
  /** Device in words, with the reason where it is not the faster one. */
  device?: string;
  steps?: { done: number; total: number; loss: number };
  /** Of this training, or of the last one in this page. */
  timing?: Timing;
  /** As the last epoch left it: of this training, or of one that this browser has kept. */
  state?: LabState;
  /** Epochs of the same training up to that one. */
  past: readonly PastEpoch[];
  /** What was shown before this training; shown again if it ends before its first epoch does. */
  earlier?: LabState;
  /** What does not stop a training, but is worth knowing. */
  notice?: string;
  problem?: string;
}

export type LabAction =
  | Exclude<LabNews, { type: 'step' | 'epoch' }>
  /** `at`: milliseconds of a clock that only goes on. */
  | (Extract<LabNews, { type: 'step' | 'epoch' }> & { at: number })
  | { type: 'kept'; state: LabState }
  | { type: 'start'; request: LabRequest; begun: LabState | undefined }
  | { type: 'done' }
  | { type: 'failed'; code: FailureCode | undefined; message: string };

export const idle: LabView = { phase: 'idle', status: '', past: [] };

/** Epochs that are still to come, of a training that can be gone on with. */
export const epochsLeft = (state: LabState | undefined): number =>
  state && !state.diverged ? state.request.epochs - state.epochs.length : 0;

const BACKENDS = { webgpu: 'WebGPU', wasm: 'WebAssembly', cpu: 'plain JavaScript' } as const;

export function reduce(view: LabView, action: LabAction): LabView {
  switch (action.type) {
    case 'kept':
      return view.phase === 'idle' ? { ...view, state: action.state, past: withEpoch([], action.state) } : view;
    case 'start': {
      const earlier = view.state ?? view.earlier;
      const held = action.begun ? { state: action.begun } : earlier ? { earlier } : {};
      // Going on from another epoch than the one that is shown, nothing before it is known.
      const past = action.begun ? withEpoch(action.begun === view.state ? view.past : [], action.begun) : [];
      return { past, phase: 'running', status: 'Opening the device…', timing: begunTiming(action.request), ...held };
    }
    case 'engine': {
      const { backend, device, note } = action.engine;
      return { ...view, device: `${BACKENDS[backend]} on ${device}${note ? ` (${note})` : ''}` };
    }
    case 'status':
      return { ...view, status: action.text };
    case 'step':
      return { ...timed(view, 'step', action.at), steps: { done: action.done, total: action.total, loss: action.loss } };
    case 'notice':
      return { ...view, notice: action.text };
    case 'epoch': {
      const { earlier: _, ...rest } = action.state.diverged ? view : timed(view, 'epoch', action.at);
      return { ...rest, state: action.state, past: withEpoch(view.past, action.state) };
    }
    case 'done':
      return { ...view, phase: 'done', status: '' };
    case 'failed': {
      const { earlier, ...rest } = view;
      const stopped = action.code === 'stopped';
      const problem = stopped ? {} : { problem: action.code === 'diverged' ? divergedWords(view, action.message) : action.message };
      return {
        ...rest,
        ...(earlier ? { state: earlier, past: withEpoch([], earlier) } : {}),
        phase: stopped ? 'stopped' : 'failed',
        status: '',
        ...problem,
      };
    }
  }
}

const timed = (view: LabView, of: 'step' | 'epoch', at: number): LabView =>
  view.timing ? { ...view, timing: heard(view.timing, of, at) } : view;

/** Milliseconds that the training still takes; undefined while too little is known. */
export const timeLeft = ({ phase, timing, steps, state }: LabView): number | undefined =>
  phase === 'running' && timing && steps ? leftMs(timing, steps, state?.epochs.length ?? 0) : undefined;

/** What went wrong, what is left, what may help. */
function divergedWords({ state, earlier, timing }: LabView, message: string): string {
  const kept = state
    ? `Epoch ${state.epochs.length}, the last good one, is kept: it is shown below, and can be saved.`
    : `No epoch came to a good end${earlier ? '; the earlier training is kept' : ''}.`;
  const rate = timing ? `A learning rate below ${recipeOf(timing.request).learningRate}` : 'A smaller learning rate';
  return `${message[0].toUpperCase()}${message.slice(1)}. ${kept} ${rate} may help.`;
}
