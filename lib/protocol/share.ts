/**
 * A share of an evaluation: the units of some of the images, measured and kept, to be put together later by an evaluation that
 * finds them all. The passes over the layers need the class means of all images, so they are left to that evaluation.
 */
import { conditionBefore } from '../attacks/catalogue';
import { Failure } from '../failure';
import type { Split } from '../random';
import { testCount } from './counts';
import type { EvaluationRequest, EvaluationWorld, Part } from './evaluate';
import { imageCost, probeCost } from './plan';
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
  const steps: Step[] = [
    ...stages.test.map((condition) => ({
      ...{ part: 'test' as const, id: condition, perImage: imageCost(condition, request), before: conditionBefore(condition, stages.test) },
      spec: {
        ...{ split: 'test' as const, condition, count: testCount(condition, request), batch },
        wantPerturbed: condition !== 'clean' && stages.layers.includes(condition),
      },
    })),
    ...stages.probes.map((probe) => ({
      ...{ part: probe.for, id: probe.variant.id, perImage: probeCost(probe, request), before: probe.before },
      spec: { split: 'test' as const, condition: probe.condition, variant: probe.variant, count: probe.count, batch },
    })),
    ...stages.train.map((condition) => ({
      ...{ part: 'train' as const, id: condition, perImage: imageCost(condition, request) },
      spec: {
        ...{ split: 'train' as const, condition, count: trainSamples, batch },
        ...{ wantFeatures: true, wantPerturbed: condition !== 'clean' && layers },
      },
    })),
  ].map((step) => ({ ...step, spec: { ...step.spec, only: (first) => mine(step.spec.split, first) } }));
  const total = steps.reduce((sum, { spec, perImage }) => sum + perImage * imagesOf(spec), 0);
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
  const measured = new Map<string, readonly MeasuredUnit[]>();
  for (const [i, { part, id, spec, perImage, before }] of steps.entries()) {
    const { condition, variant } = spec;
    const words = variant ? { variant: variant.id } : {};
    world.onEvent?.({ type: 'stage', part, condition, stage: i + 1, stages: steps.length, ...words });
    const units = await measureUnits(
      world,
      { ...spec, ...(before ? { before: measured.get(before) ?? [] } : {}) },
      {
        underWay: (index, progress) => {
          reached.hear(index, progress);
          report();
        },
        arrived: ({ labels }, index) => {
          reached.arrive(index, perImage * labels.length);
          report();
        },
      },
    );
    if (part !== 'train' && steps.some((step) => step.before === id)) measured.set(id, units);
  }
}

/** A stage of a share. */
interface Step {
  part: Part;
  /** Of the condition or the probe. */
  id: string;
  spec: UnitSpec;
  /** Cost in image-steps. */
  perImage: number;
  /** What it begins from. */
  before?: string;
}

/** Images in the units of a specification. */
function imagesOf({ count, batch, only = () => true }: UnitSpec): number {
  let images = 0;
  for (let first = 0; first < count; first += batch) if (only(first)) images += Math.min(batch, count - first);
  return images;
}
