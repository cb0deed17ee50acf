/** Images of a test split as this site has them, by their records. */
import 'server-only';
import { recordRanges } from '@/lib/data/blocks';
import { builtInSource } from '@/lib/data/built-in';
import { DATASETS, type DataSource, type DatasetId, imageBytes } from '@/lib/data/datasets';
import { Failure } from '@/lib/failure';
import { readRange, siteDataset } from './datasets';

const drawn = new Map<DatasetId, DataSource | undefined>();

function builtIn(id: DatasetId): DataSource | undefined {
  if (!drawn.has(id)) drawn.set(id, builtInSource(DATASETS[id]));
  return drawn.get(id);
}

/** uint8 NHWC, one image after the other. Throws a Failure where the site does not have the data. */
export async function testImages(id: DatasetId, indices: readonly number[]): Promise<Uint8Array> {
  const dataset = DATASETS[id];
  const source = builtIn(id);
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

/** How many test images this site has. Throws a Failure where it does not have the data. */
export async function testRecords(id: DatasetId): Promise<number> {
  return builtIn(id) ? DATASETS[id].records.test : ((await siteDataset(id)).manifest.splits.test?.records ?? 0);
}

/** A page waits so long for data that are fetched or unpacked for the first time; then it comes without them. */
const PATIENCE_MS = 2000;

const soon = <T>(value: Promise<T>): Promise<T | null> =>
  Promise.race([value, new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null))]);

/** Class of each of these test images; null where the site does not have the data, or not yet. */
export async function testLabels(id: DatasetId, indices: readonly number[]): Promise<number[] | null> {
  const dataset = DATASETS[id];
  const source = builtIn(id);
  if (indices.length === 0) return [];
  if (source) {
    const first = indices.reduce((a, b) => Math.min(a, b));
    const last = indices.reduce((a, b) => Math.max(a, b));
    const { labels } = await source.read('test', first, last - first + 1);
    return indices.map((index) => labels[index - first]);
  }
  try {
    const site = await soon(siteDataset(id));
    if (!site) return null;
    const { folder, manifest } = site;
    const records = manifest.splits.test?.records ?? 0;
    // A byte for each image: all of them are read at once.
    const [, [start, end]] = recordRanges(dataset, records, 0, records);
    const labels = await readRange(folder, 'test', start, end);
    return indices.every((i) => i < records) ? indices.map((i) => labels[i]) : null;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
