/** A measured unit as it is kept: what a run that was interrupted, or measured in several places, need not measure again. */
import { z } from 'zod';
import type { LayerResult } from './layer-tasks';
import type { MeasureJob, MeasureResult } from './measure';

/**
 * The outcome of a unit without what is large and quickly made again: a layer's sums (megabytes a unit). `wallMs` is the
 * time by which the run came nearer to its end with this unit; over the units of a stage it adds up to the stage's time.
 */
export interface StoredUnit extends Omit<MeasureResult, 'logits'> {
  wallMs: number;
}

/** Where units are kept. */
export interface UnitStore {
  /** Undefined where the unit has not been measured. */
  get(key: string): Promise<StoredUnit | undefined>;
  put(key: string, unit: StoredUnit): Promise<void>;
}

/** Names a unit within a run: which images, under which condition and variant of it, and what was taken from the layers. */
export function unitKey({ split, condition, first, labels, layers, variant }: MeasureJob): string {
  const pass = layers.find((task) => task.kind !== 'sums')?.kind ?? 'outcome';
  return `${split}/${condition}/${first}+${labels.length}/${pass}${variant ? `/${variant.id}` : ''}`;
}

const count = z.number().int().nonnegative();
/** A layer may overflow: a number that JSON has no word for is one all the same. */
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'must be a number');
const layerSchema: z.ZodType<LayerResult> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('within'),
    within: z.strictObject({ samples: count, projected: z.instanceof(Float64Array), scatter: anyNumber }),
    correct: count,
  }),
  z.strictObject({ kind: z.literal('nearest'), correct: count }),
]);

/** What a place that others can write to (a file, a browser's database) may hand back. */
export const storedUnitSchema = z
  .strictObject({
    predictions: z.instanceof(Int32Array),
    losses: z.instanceof(Float64Array),
    linf: z.instanceof(Float64Array),
    l2: z.instanceof(Float64Array),
    zeroGradient: z.instanceof(Uint8Array).optional(),
    ambiguous: z.instanceof(Uint8Array).optional(),
    mustBreak: z.instanceof(Uint8Array).optional(),
    looksLikeProbabilities: z.boolean(),
    features: z.instanceof(Float32Array).optional(),
    perturbed: z.instanceof(Float32Array).optional(),
    spread: z.instanceof(Float64Array).optional(),
    layers: z.array(layerSchema),
    attacked: count.optional(),
    lostToRounding: count.optional(),
    forwards: count,
    backwards: count,
    wallMs: z.number().nonnegative(),
  })
  .refine(({ predictions: { length }, losses, linf, l2 }) => [losses, linf, l2].every((v) => v.length === length), {
    message: 'every list of a unit must be as long as its predictions',
  });
