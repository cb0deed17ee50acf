/** Original files of a data set (in Node) → decoded splits. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Failure } from '../failure';
import type { Split } from '../random';
import type { Dataset, DatasetId } from './datasets';
import { decodeIdxImages, decodeIdxLabels } from './idx';
import { inMemory, type Unpacked, type Unpacking } from './split-content';
import { unpackCifar10, unpackCifar100 } from './unpack-cifar';
import { unpackImagenette } from './unpack-imagenette';

/** Data sets that come as one archive. */
const ARCHIVES: Partial<
  Record<DatasetId, { file: string; unpack(dataset: Dataset, directory: string, file: string, how: Unpacking): Promise<Unpacked> }>
> = {
  'cifar-10': { file: 'cifar-10-binary.tar.gz', unpack: unpackCifar10 },
  'cifar-100': { file: 'cifar-100-binary.tar.gz', unpack: unpackCifar100 },
  imagenette: { file: 'imagenette2-160.tgz', unpack: unpackImagenette },
};

const FASHION_PREFIX: Record<Split, string> = { train: 'train', test: 't10k' };

/** The remarks keep a build of the site from taking the whole project along, for a path that it cannot know. */
const isIn = (directory: string) => (file: string) =>
  existsSync(/*turbopackIgnore: true*/ path.join(/*turbopackIgnore: true*/ directory, file));

/** Files of the data set that lie in `directory`, relative paths; empty if it is not there. */
export function findFiles(dataset: Dataset, directory: string): string[] {
  const archive = ARCHIVES[dataset.id];
  if (archive) return [archive.file].filter(isIn(directory));
  return Object.values(FASHION_PREFIX).flatMap((prefix) =>
    ['images-idx3', 'labels-idx1'].flatMap((kind) => {
      const name = `fashion-mnist/${prefix}-${kind}-ubyte`;
      const found = [`${name}.gz`, name].find(isIn(directory));
      return found ? [found] : [];
    }),
  );
}

export function unpack(dataset: Dataset, directory: string, files: string[], how: Unpacking = {}): Promise<Unpacked> {
  const archive = ARCHIVES[dataset.id];
  return archive ? archive.unpack(dataset, directory, files[0], how) : unpackFashion(dataset, directory, files);
}

async function readMaybeGzipped(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  if (!file.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new Failure('data-damaged', `${path.basename(file)} is not a complete gzip file: ${(cause as Error).message}`, { cause });
  }
}

async function unpackFashion(dataset: Dataset, directory: string, files: string[]): Promise<Unpacked> {
  const result: Unpacked = { splits: {}, notes: [] };
  for (const split of ['test', 'train'] as const) {
    const [imageFile, labelFile] = ['images', 'labels'].map((kind) => files.find((f) => f.includes(`${FASHION_PREFIX[split]}-${kind}`)));
    if (!imageFile || !labelFile) {
      if (imageFile || labelFile)
        throw new Failure(
          'data-damaged',
          `fashion-mnist: ${FASHION_PREFIX[split]}-${imageFile ? 'labels-idx1' : 'images-idx3'}-ubyte[.gz] is missing in ${directory}`,
        );
      continue;
    }
    const images = decodeIdxImages(await readMaybeGzipped(path.join(directory, imageFile)), imageFile, dataset.shape);
    const labels = decodeIdxLabels(await readMaybeGzipped(path.join(directory, labelFile)), labelFile, dataset.classNames.length);
    const count = images.length / (dataset.shape[0] * dataset.shape[1]);
    if (count !== labels.length)
      throw new Failure('data-damaged', `${imageFile} holds ${count} images, ${labelFile} ${labels.length} labels`);
    result.splits[split] = inMemory({ images, labels });
  }
  return result;
}
