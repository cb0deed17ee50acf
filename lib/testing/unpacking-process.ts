/** A process of its own that opens a data set and reads it: node unpacking-process.ts DIRECTORY CACHE. */
import { openDataset } from '../data/node-source';
import { FASHION } from './data-files';

const [directory, cache] = process.argv.slice(2);
const source = await openDataset({ dataset: FASHION, directory, cache, offline: true });
for (const split of ['test', 'train'] as const) {
  const { labels } = await source.read(split, 290, 10);
  if (labels[9] !== 9) throw new Error(`expected label 9, got ${labels[9]}`);
}
await source.close();
