/** Which data a report may be about: the board's official splits, or this site's own copy. */
import 'server-only';
import { DATASETS, type DatasetId, type SplitInfo } from '@/lib/data/datasets';
import { Failure } from '@/lib/failure';
import type { Split } from '@/lib/random';
import { siteDataset } from './datasets';

/** Undefined if the site has no such split. */
export async function servedSplit(id: DatasetId, split: Split): Promise<SplitInfo | undefined> {
  const { officialSha256, records } = DATASETS[id];
  const sha256 = officialSha256[split];
  // With official digests known there is no need to unpack anything for an answer.
  if (sha256) return { sha256, records: records[split], official: true };
  try {
    const { manifest } = await siteDataset(id);
    const own = manifest.splits[split];
    return own && { sha256: own.sha256, records: own.records, official: own.official };
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
