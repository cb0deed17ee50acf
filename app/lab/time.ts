/** How long a training takes: from how long its steps, and the measuring after its epochs, have taken on this device. Milliseconds. */
import { type LabRequest, MINORITY_SHARE, recipeOf } from '@/workers/browser/lab-request';

export interface Timing {
  /** What was timed. */
  request: LabRequest;
  /** What was heard last, and when. */
  last?: { of: 'step' | 'epoch'; at: number };
  /** Steps that followed another one at once. */
  steps: number;
  stepsMs: number;
  /** Epochs that were measured. */
  epochs: number;
  epochsMs: number;
}

/** Work of an image in training, where one of standard training is 1 (docs/training.md, “How fast”). */
const WORK: Partial<Record<string, number>> = { st: 1, at: 8.7, trades: 6.8, 'trades-as-published': 6.8 };
/** Work of an image that is measured: under five conditions, of which two attack. */
const MEASURED_WORK = 10;
/** Fewer steps say nothing: the first ones are slow. */
const ENOUGH = 4;

export const begunTiming = (request: LabRequest): Timing => ({ request, steps: 0, stepsMs: 0, epochs: 0, epochsMs: 0 });

/** A step counts after another step, the measuring of an epoch after its last step. */
export function heard(timing: Timing, of: 'step' | 'epoch', at: number): Timing {
  const { last } = timing;
  const next = { ...timing, last: { of, at } };
  if (last?.of !== 'step') return next;
  const ms = at - last.at;
  return of === 'step'
    ? { ...next, steps: timing.steps + 1, stepsMs: timing.stepsMs + ms }
    : { ...next, epochs: timing.epochs + 1, epochsMs: timing.epochsMs + ms };
}

const workOf = (mode: string) => WORK[mode] ?? 1;

/** Per unit of work in training, and per measured image; undefined while too little is known. */
function paceOf({ request, steps, stepsMs, epochs, epochsMs }: Timing) {
  if (steps < ENOUGH) return undefined;
  const unitMs = stepsMs / (steps * recipeOf(request).batch * workOf(request.mode));
  return { unitMs, measuredMs: epochs ? epochsMs / (epochs * request.measured) : MEASURED_WORK * unitMs };
}

/** Images that a training learns of those it is given: half of the classes may be thinned. */
const learntOf = ({ set, images }: LabRequest) => (set === 'imbalanced' ? (images * (1 + MINORITY_SHARE)) / 2 : images);

/** Of a whole training on the device that was timed; undefined where nothing like it was. */
export function forecastMs(request: LabRequest, timing: Timing | undefined): number | undefined {
  const pace = timing && paceOf(timing);
  if (!pace) return undefined;
  const [asked, timed] = [recipeOf(request), recipeOf(timing.request)];
  if (asked.net !== timed.net || asked.width !== timed.width) return undefined;
  return request.epochs * (learntOf(request) * workOf(request.mode) * pace.unitMs + request.measured * pace.measuredMs);
}

/** Of the training that is being timed. */
export function leftMs(timing: Timing, steps: { done: number; total: number }, epochsDone: number): number | undefined {
  const pace = paceOf(timing);
  if (!pace) return undefined;
  const { request } = timing;
  const stepMs = timing.stepsMs / timing.steps;
  return (steps.total - steps.done) * stepMs + (request.epochs - epochsDone) * request.measured * pace.measuredMs;
}
