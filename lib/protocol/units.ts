/**
 * Splits a part of the data into units of work, keeps a laboratory busy with them, and hands the results on in the order
 * of the samples, whoever measured what when.
 */
import type { Condition } from '../attacks/catalogue';
import type { DataSource } from '../data/datasets';
import { Failure } from '../failure';
import type { Split } from '../random';
import type { LayerTask } from './layer-tasks';
import type { MeasureJob, MeasureResult } from './measure';
import { beforeOf } from './parts';
import type { OnProgress, UnitProgress } from './unit-progress';
import type { Variant } from './variant';

/** Somebody who measures units. */
export interface Laboratory {
  /** Units that may be under way at once. */
  readonly capacity: number;
  /** `onProgress` hears now and then how far the unit is; whether it does changes no result. */
  measure(job: MeasureJob, onProgress?: OnProgress): Promise<MeasureResult>;
}

export interface UnitSpec {
  split: Split;
  condition: Condition;
  /** Other settings than the board's. */
  variant?: Variant;
  /** Images, from the first record. */
  count: number;
  /** Images in a unit. */
  batch: number;
  wantFeatures?: boolean;
  wantPerturbed?: boolean;
  layers?: LayerTask[];
  /** Names `layers`, so that a thread needs to be sent them once only. */
  layerSet?: number;
  /** Only units for which this holds; all by default. `first`: record index of a unit's first image. */
  only?(first: number): boolean;
  /** Perturbed images of each unit from an earlier pass. */
  perturbed?: readonly (Float32Array | undefined)[];
  /** Of an attack on standing images: the units of the condition before it, of the same images and perhaps of more after them. */
  before?: readonly MeasuredUnit[];
}

/** A measured unit; its layer values are handed to `inOrder` and then let go, since they may be large. */
export interface MeasuredUnit extends MeasureResult {
  labels: Uint8Array;
}

export interface UnitHooks {
  /** How far a unit is that has not arrived yet. `index`: its place among the units of the specification. */
  underWay?(index: number, progress: UnitProgress): void;
  /** As units arrive, in any order. */
  arrived?(unit: MeasuredUnit, index: number): void;
  /** Once for each unit, in the order of the samples. */
  inOrder?(unit: MeasuredUnit): void;
}

export async function measureUnits(
  world: { laboratory: Laboratory; data: DataSource; signal?: AbortSignal },
  { split, condition, count, batch, only = () => true, ...spec }: UnitSpec,
  hooks: UnitHooks,
): Promise<MeasuredUnit[]> {
  const { laboratory, data, signal } = world;
  const firsts = Array.from({ length: Math.ceil(count / batch) }, (_, i) => i * batch).filter(only);
  const units: MeasuredUnit[] = [];
  let next = 0;
  let handed = 0;
  let failing = false;
  const take = async (): Promise<void> => {
    while (next < firsts.length && !failing) {
      if (signal?.aborted) throw new Failure('stopped', 'stopped');
      const index = next++;
      const first = firsts[index];
      const { images, labels } = await data.read(split, first, Math.min(batch, count - first));
      const perturbed = spec.perturbed?.[index];
      const before = spec.before?.[index];
      const job: MeasureJob = {
        split,
        first,
        condition,
        ...(spec.variant ? { variant: spec.variant } : {}),
        images,
        labels,
        ...(perturbed ? { perturbed } : {}),
        ...(before ? { before: beforeOf(before, 0, labels.length) } : {}),
        wantFeatures: spec.wantFeatures ?? false,
        wantPerturbed: spec.wantPerturbed ?? false,
        layers: spec.layers ?? [],
        ...(spec.layerSet ? { layerSet: spec.layerSet } : {}),
      };
      const result = await laboratory.measure(job, (progress) => hooks.underWay?.(index, progress));
      const unit = { ...result, labels };
      units[index] = unit;
      hooks.arrived?.(unit, index);
      for (; units[handed]; handed++) {
        hooks.inOrder?.(units[handed]);
        units[handed].layers = [];
      }
    }
  };
  const workers = Array.from({ length: Math.max(1, laboratory.capacity) }, () =>
    take().catch((error) => {
      failing = true; // no unit is begun after this
      throw error;
    }),
  );
  // All have to come to rest before a failure is reported: nothing may go on in the background.
  const settled = await Promise.allSettled(workers);
  const failed = settled.find((s) => s.status === 'rejected');
  if (failed) throw failed.reason;
  return units;
}
