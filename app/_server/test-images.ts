/** Images of a test split as this site has them, by their records. */
import 'server-only';
import { recordRanges } from '@/lib/data/blocks';
import { builtInSource } from '@/lib/data/built-in';
import { DATASETS, type DataSource, type DatasetId, imageBytes } from '@/lib/data/datasets';
import { readRange, siteDataset } from './datasets';

const drawn = new Map<DatasetId, DataSource | undefined>();

/** uint8 NHWC, one image after the other. Throws a Failure where the site does not have the data. */
export async function testImages(id: DatasetId, indices: readonly number[]): Promise<Uint8Array> {
  const dataset = DATASETS[id];
  if (!drawn.has(id)) drawn.set(id, builtInSource(dataset));
  const source = drawn.get(id);
  const size = imageBytes(dataset);
  const images = new Uint8Array(indices.length * size);
  const { folder, manifest } = source ? { folder: '', manifest: undefined } : await siteDataset(id);
  const records = manifest?.splits.test?.records ?? dataset.records.test;
  for (const [n, index] of indices.entries()) {
    const image = source
      ? (await source.read('test', index, 1)).images
      : await readRange(folder, 'test', ...recordRanges(dataset, records, index, 1)[0]);
    images.set(image, n * size);
  }
  return images;
}
