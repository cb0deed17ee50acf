/**
 * A share of an evaluation: the units of some of the images, measured and kept, to be put together later by an evaluation that
 * finds them all. The passes over the layers need the class means of all images, so they are left to that evaluation.
 */
import { type Condition, conditionBefore } from '../attacks/catalogue';
import { Failure } from '../failure';
import type { Split } from '../random';
import { testCount } from './counts';
import type { EvaluationRequest, EvaluationWorld } from './evaluate';
import { imageCost } from './plan';
import { splitOf, stagesOf } from './stages';
import { Reached } from './unit-progress';
import { type MeasuredUnit, measureUnits, type UnitSpec } from './units';

export interface Share {
  /** Of the test images (of the training images, where there is no test part); the training images follow in proportion. */
  from: number;
  count: number;
}

/** Whether a unit that begins at this record belongs to the share: shares that adjoin have every unit once. */
export function belongs({ samples, trainSamples }: Pick<EvaluationRequest, 'samples' | 'trainSamples'>, { from, count }: Share) {
  return (split: Split, first: number): boolean => {
    const place = split === 'test' || samples === 0 ? first : Math.floor((first * samples) / trainSamples);
    return place >= from && place < from + count;
  };
}

/** Measures the units of a share; what comes of them is up to the laboratory, which remembers. */
export async function measureShare(request: EvaluationRequest, share: Share, world: EvaluationWorld): Promise<void> {
  const { samples, trainSamples, batch, board, layers } = request;
  if (samples > 0) await splitOf(world.data, board, 'test', samples);
  if (trainSamples > 0) await splitOf(world.data, board, 'train', trainSamples);
  const stages = stagesOf(request);
  const mine = belongs(request, share);
  const specs: UnitSpec[] = [
    ...stages.test.map((condition) => ({
      ...{ split: 'test' as const, condition, count: testCount(condition, request), batch },
      wantPerturbed: condition !== 'clean' && stages.layers.includes(condition),
    })),
    ...stages.train.map((condition) => ({
      ...{ split: 'train' as const, condition, count: trainSamples, batch },
      wantFeatures: true,
      wantPerturbed: condition !== 'clean' && layers,
    })),
  ].map((spec) => ({ ...spec, only: (first) => mine(spec.split, first) }));
  const cost = ({ condition }: { condition: Condition }, images: number) => imageCost(condition, request) * images;
  const total = specs.reduce((sum, spec) => sum + cost(spec, imagesOf(spec)), 0);
  if (total === 0) {
    const { from, count } = share;
    throw new Failure(
      'arguments',
      `no unit begins in images ${from} to ${from + count - 1}: units begin at multiples of the batch, ${batch}`,
    );
  }
  const started = world.now();
  const reached = new Reached();
  const report = () => world.onEvent?.({ type: 'progress', done: reached.done, total, elapsedMs: world.now() - started });
  const measured = new Map<Condition, readonly MeasuredUnit[]>();
  for (const [i, spec] of specs.entries()) {
    const before = spec.split === 'test' ? conditionBefore(spec.condition, stages.test) : undefined;
    world.onEvent?.({ type: 'stage', part: spec.split, condition: spec.condition, stage: i + 1, stages: specs.length });
    const units = await measureUnits(
      world,
      { ...spec, ...(before ? { before: measured.get(before) ?? [] } : {}) },
      {
        underWay: (index, progress) => {
          reached.hear(index, progress);
          report();
        },
        arrived: ({ labels }, index) => {
          reached.arrive(index, cost(spec, labels.length));
          report();
        },
      },
    );
    if (spec.split === 'test' && stages.test.some((c) => conditionBefore(c, stages.test) === spec.condition)) {
      measured.set(spec.condition, units);
    }
  }
}

/** Images in the units of a specification. */
function imagesOf({ count, batch, only = () => true }: UnitSpec): number {
  let images = 0;
  for (let first = 0; first < count; first += batch) if (only(first)) images += Math.min(batch, count - first);
  return images;
}
