/** What the lab's form holds, and what it asks for: numbers stay as they were typed until they are in their range. */
import type { ScheduleId } from '@/lib/training/schedule';
import { type LabNet, type LabNumber, type LabRequest, type LabSet, refusalsOf } from '@/workers/browser/lab-request';
import { MEASURED, SEED } from './choices';

/** Numbers that are typed. */
export const TYPED = [
  'width',
  'learningRate',
  'batch',
  'momentum',
  'weightDecay',
  'warmup',
  'seed',
] as const satisfies readonly LabNumber[];
export type Typed = (typeof TYPED)[number];

export interface LabForm extends Record<Typed, string> {
  mode: string;
  set: LabSet;
  images: number;
  epochs: number;
  net: LabNet;
  schedule: ScheduleId;
}

export const attacks = (mode: string) => mode !== 'st';

/**
 * What was chosen, and for the rest what suits the way of training: standard training goes on until it has collapsed (README.md has
 * the numbers), a first try of the slower ways takes minutes.
 */
export function formOf(chosen: Partial<LabForm>): LabForm {
  const { mode = 'st' } = chosen;
  const { epochs = attacks(mode) ? 10 : 40 } = chosen;
  return {
    ...{ mode, epochs, set: 'plain', images: 1000, net: 'small', schedule: 'cosine', width: '1', learningRate: '0.1', batch: '32' },
    ...{ momentum: '0.9', weightDecay: attacks(mode) ? '0.0005' : '0.005', warmup: String(attacks(mode) ? epochs / 2 : 0) },
    ...{ seed: String(SEED) },
    ...chosen,
  };
}

/** A sentence for each field that is out of its range. */
export type Refused = Partial<Record<string, string>>;

export function readForm(form: LabForm): { request: LabRequest; refused: Refused } {
  const { mode, set, images, epochs, net, schedule } = form;
  const typed = Object.fromEntries(TYPED.map((name) => [name, form[name].trim() === '' ? Number.NaN : Number(form[name])]));
  const { seed, warmup, ...rates } = typed as Record<Typed, number>;
  const recipe = { ...rates, net, schedule, warmup: attacks(mode) ? warmup : 0 };
  const request = { mode, set, images, epochs, measured: MEASURED, seed, recipe };
  const written = Object.fromEntries(TYPED.map((name) => [name, form[name].trim() || 'nothing']));
  return { request, refused: Object.fromEntries(refusalsOf(request, written).map(({ field, sentence }) => [field, sentence])) };
}
