/**
 * A split as the site serves it: one raw file (images, then labels) with a SHA-256 for every block, so that a reader who
 * fetches a part by byte range can check just that part, and keep it.
 */
import { z } from 'zod';
import { type Dataset, imageBytes } from './datasets';

export const BLOCK_BYTES = 256 * 1024;

/** Blocks that one answer of the site holds at most; readers ask for longer runs in parts. */
export const BLOCKS_PER_ANSWER = 32;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
export const blockListSchema = z.strictObject({
  sha256: hex,
  records: z.number().int().positive(),
  official: z.boolean(),
  bytes: z.number().int().positive(),
  blockBytes: z.number().int().positive(),
  blocks: z.array(hex),
});
export type BlockList = z.infer<typeof blockListSchema>;

export const siteManifestSchema = z.strictObject({
  dataset: z.string(),
  /** What a reader should know of this copy: parts that are missing, for instance. */
  notes: z.array(z.string()),
  splits: z.strictObject({ test: blockListSchema.optional(), train: blockListSchema.optional() }),
});
export type SiteManifest = z.infer<typeof siteManifestSchema>;

/** Byte ranges [start, end) of `count` records from `first`: their images and their labels. */
export function recordRanges(dataset: Dataset, records: number, first: number, count: number): [[number, number], [number, number]] {
  const size = imageBytes(dataset);
  const labels = records * size;
  return [
    [first * size, (first + count) * size],
    [labels + first, labels + first + count],
  ];
}

/** Indices of the blocks that cover a byte range. */
export function blocksOf([start, end]: [number, number], blockBytes: number): number[] {
  if (end <= start) return [];
  const from = Math.floor(start / blockBytes);
  return Array.from({ length: Math.floor((end - 1) / blockBytes) - from + 1 }, (_, i) => from + i);
}

/** Bytes that a reader of the first `count` records has to fetch, in whole blocks; none of a list without bytes. */
export function bytesToFetch(dataset: Dataset, list: Pick<BlockList, 'records' | 'bytes' | 'blockBytes'>, count: number): number {
  if (list.bytes === 0) return 0;
  const blocks = new Set(recordRanges(dataset, list.records, 0, count).flatMap((range) => blocksOf(range, list.blockBytes)));
  return [...blocks].reduce((n, b) => n + Math.min(list.blockBytes, list.bytes - b * list.blockBytes), 0);
}
