/** A board's images in the browser: drawn here where the data set is built in, else from the site. */
import type { BlockList } from '../../lib/data/blocks';
import { builtInSource } from '../../lib/data/built-in';
import type { DataSource, Dataset } from '../../lib/data/datasets';
import type { Split } from '../../lib/random';
import { SiteData } from '../site-data';
import { browserBlocks } from './block-cache';

/** A split in short; `bytes` is 0 where nothing has to be fetched. */
export type SplitSummary = Pick<BlockList, 'records' | 'bytes' | 'blockBytes' | 'official'>;

export interface BoardData extends DataSource {
  readonly notes: string[];
  summary(): Partial<Record<Split, SplitSummary>>;
}

/** `onStatus` hears what the site is doing where it fetches or unpacks the data for the first time. */
export async function openBoardData(dataset: Dataset, onStatus: (text: string) => void, signal?: AbortSignal): Promise<BoardData> {
  const drawn = builtInSource(dataset);
  if (!drawn) return SiteData.open(dataset, { cache: await browserBlocks(), onStatus, ...(signal ? { signal } : {}) });
  const summary = (split: Split): SplitSummary => ({ records: dataset.records[split], bytes: 0, blockBytes: 1, official: true });
  return Object.assign(drawn, { notes: [], summary: () => ({ test: summary('test'), train: summary('train') }) });
}
