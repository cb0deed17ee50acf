/** A unit in parts, where memory does not hold all of its images at once. */
import type { MeasureJob, MeasureResult } from './measure';
import type { Before } from './standing-measure';

/** What one part of a unit gives; layers are folded over all parts. */
export type PartResult = Omit<MeasureResult, 'layers'>;

/** The job itself, or one for every `atOnce` images of it. */
export function partsOf(job: MeasureJob): MeasureJob[] {
  const count = job.labels.length;
  const { atOnce = count } = job;
  if (atOnce >= count) return [job];
  const size = job.images.length / count;
  return Array.from({ length: Math.ceil(count / atOnce) }, (_, i) => {
    const [from, to] = [i * atOnce, Math.min(count, (i + 1) * atOnce)];
    return {
      ...job,
      first: job.records?.[from] ?? job.first + from,
      ...(job.records ? { records: job.records.subarray(from, to) } : {}),
      images: job.images.subarray(from * size, to * size),
      labels: job.labels.subarray(from, to),
      ...(job.before ? { before: beforeOf(job.before, from, to) } : {}),
      ...(job.perturbed ? { perturbed: job.perturbed.subarray(from * size, to * size) } : {}),
    };
  });
}

/** Those of some of the images. */
export const beforeOf = ({ predictions, losses, linf, l2, looksLikeProbabilities }: Before, from: number, to: number): Before => ({
  predictions: predictions.subarray(from, to),
  losses: losses.subarray(from, to),
  linf: linf.subarray(from, to),
  l2: l2.subarray(from, to),
  looksLikeProbabilities,
});

/** Lists that hold something for every image. */
const LISTS = [
  'predictions',
  'losses',
  'linf',
  'l2',
  'zeroGradient',
  'ambiguous',
  'features',
  'perturbed',
  'logits',
  'spread',
  'mustBreak',
] as const;

const SUMS = ['attacked', 'lostToRounding', 'forwards', 'backwards'] as const;
type Sum = (typeof SUMS)[number];

export function joined(parts: readonly PartResult[]): PartResult {
  if (parts.length === 1) return parts[0];
  const sum = (key: Sum) => parts.reduce((n, part) => n + (part[key] ?? 0), 0);
  return {
    ...Object.fromEntries(LISTS.filter((key) => parts[0][key]).map((key) => [key, concatenated(parts.map((part) => part[key]))])),
    looksLikeProbabilities: parts.every((part) => part.looksLikeProbabilities),
    ...Object.fromEntries(SUMS.filter((key) => parts[0][key] !== undefined).map((key) => [key, sum(key)])),
  } as PartResult;
}

type List = Int32Array | Uint8Array | Float32Array | Float64Array;

function concatenated(lists: readonly (List | undefined)[]): List {
  const present = lists.filter((list) => list !== undefined);
  const Kind = present[0].constructor as new (length: number) => List;
  const all = new Kind(present.reduce((n, list) => n + list.length, 0));
  let at = 0;
  for (const list of present) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
