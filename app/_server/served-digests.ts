/** Which data a report may be about: the board's official splits, and this site's own copy. */
import 'server-only';
import { DATASETS, type DatasetId } from '@/lib/data/datasets';
import { Failure } from '@/lib/failure';
import type { Split } from '@/lib/random';
import { siteDataset } from './datasets';

export async function servedDigests(id: DatasetId, split: Split): Promise<string[]> {
  const official = DATASETS[id].officialSha256[split];
  // With official digests known there is no need to unpack anything for an answer.
  if (official) return [official];
  try {
    const { manifest } = await siteDataset(id);
    const own = manifest.splits[split]?.sha256;
    return own ? [own] : [];
  } catch (error) {
    if (error instanceof Failure) return []; // the site has no copy
    throw error;
  }
}
