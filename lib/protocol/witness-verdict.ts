/**
 * What a runner says of a witness file after one forward pass for each image (contract §7): how far the largest wrong logit
 * leads the true one, as a share of the spread of all logits, so that scaling them changes nothing.
 */
import { z } from 'zod';
import { AMBIGUITY } from './ambiguity';

/** The wrong class leads, nobody can say, or the true class leads. */
export const WITNESS_OUTCOMES = ['broken', 'ambiguous', 'held'] as const;
export type WitnessOutcome = (typeof WITNESS_OUTCOMES)[number];

/**
 * (largest wrong − true) / (largest − smallest) logit, in [−1, 1]; 0 where all are equal, or one is not finite: nobody can say.
 * @returns the lead, and the class of the largest wrong logit where it leads, else the true class
 */
export function leadOf(logits: ArrayLike<number>, label: number): { lead: number; predicted: number } {
  for (let c = 0; c < logits.length; c++) if (!Number.isFinite(logits[c])) return { lead: 0, predicted: label };
  let wrong = label === 0 ? 1 : 0;
  let smallest = logits[label];
  for (let c = 0; c < logits.length; c++) {
    if (logits[c] < smallest) smallest = logits[c];
    if (c !== label && logits[c] > logits[wrong]) wrong = c;
  }
  const spread = Math.max(logits[wrong], logits[label]) - smallest;
  const lead = spread > 0 ? (logits[wrong] - logits[label]) / spread : 0;
  return { lead, predicted: lead > 0 ? wrong : label };
}

export const outcomeOf = (lead: number): WitnessOutcome => (lead > AMBIGUITY ? 'broken' : lead < -AMBIGUITY ? 'held' : 'ambiguous');

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const words = z.string().max(500);

export const verdictSchema = z.strictObject({
  schema: z.literal('witness-verdict/1'),
  protocol: z.literal('1'),
  board: z.string(),
  /** SHA-256 of the packed file, of the model and of the split. */
  file: sha256,
  model: sha256,
  data: sha256,
  environment: z.strictObject({
    backend: z.enum(['webgpu', 'wasm', 'cpu']),
    device: words,
    engine: words,
    versions: z.record(z.string().max(50), z.string().max(100)),
  }),
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  /** One for each index of the file, in its order. */
  images: z
    .array(z.strictObject({ index: z.number().int().nonnegative(), lead: z.number().min(-1).max(1), predicted: z.number().int().min(0) }))
    .min(1)
    .max(500),
});
export type WitnessVerdict = z.infer<typeof verdictSchema>;
