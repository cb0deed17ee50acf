/** Original files of a data set (in Node) → decoded splits. */
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { Failure } from '../failure';
import type { Split } from '../random';
import { decodeCifar10 } from './cifar';
import type { Dataset, Records } from './datasets';
import { decodeIdxImages, decodeIdxLabels } from './idx';

export interface Unpacked {
  splits: Partial<Record<Split, Records>>;
  /** Remarks, such as a smaller archive than the official one. */
  notes: string[];
}

const FASHION_PREFIX: Record<Split, string> = { train: 'train', test: 't10k' };

/** The remarks keep a build of the site from taking the whole project along, for a path that it cannot know. */
const isIn = (directory: string) => (file: string) =>
  existsSync(/*turbopackIgnore: true*/ path.join(/*turbopackIgnore: true*/ directory, file));

/** Files of the data set that lie in `directory`, relative paths; empty if it is not there. */
export function findFiles(dataset: Dataset, directory: string): string[] {
  if (dataset.id === 'cifar-10') return ['cifar-10-binary.tar.gz'].filter(isIn(directory));
  return Object.values(FASHION_PREFIX).flatMap((prefix) =>
    ['images-idx3', 'labels-idx1'].flatMap((kind) => {
      const name = `fashion-mnist/${prefix}-${kind}-ubyte`;
      const found = [`${name}.gz`, name].find(isIn(directory));
      return found ? [found] : [];
    }),
  );
}

export function unpack(dataset: Dataset, directory: string, files: string[], signal?: AbortSignal): Promise<Unpacked> {
  return dataset.id === 'cifar-10' ? unpackCifar10(dataset, directory, files[0], signal) : unpackFashion(dataset, directory, files);
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
    result.splits[split] = { images, labels };
  }
  return result;
}

async function unpackCifar10(dataset: Dataset, directory: string, file: string, signal?: AbortSignal): Promise<Unpacked> {
  const batches = new Map<string, Records>();
  const extract = tar.extract();
  const reading = (async () => {
    for await (const entry of extract) {
      const name = path.posix.basename(entry.header.name);
      if (entry.header.type !== 'file' || !/^(data_batch_[1-5]|test_batch)\.bin$/.test(name)) {
        entry.resume();
        continue;
      }
      const parts: Buffer[] = [];
      for await (const part of entry) parts.push(part as Buffer);
      batches.set(name, decodeCifar10(Buffer.concat(parts), name));
    }
  })();
  try {
    await Promise.all([pipeline(createReadStream(path.join(directory, file)), createGunzip(), extract, { signal }), reading]);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    if (signal?.aborted) throw new Failure('stopped', 'stopped', { cause });
    throw new Failure('data-damaged', `${file} is not a complete tar.gz archive: ${(cause as Error).message}`, { cause });
  }
  const test = batches.get('test_batch.bin');
  const train = [1, 2, 3, 4, 5].flatMap((n) => batches.get(`data_batch_${n}.bin`) ?? []);
  if (!test && train.length === 0) throw new Failure('data-damaged', `${file} holds no CIFAR-10 batches`);
  const notes = train.length < 5 ? [`${file} holds ${train.length} of ${dataset.title}'s 5 training batches`] : [];
  const joined = (key: 'images' | 'labels') => new Uint8Array(Buffer.concat(train.map((r) => r[key])));
  return {
    splits: { ...(test ? { test } : {}), ...(train.length ? { train: { images: joined('images'), labels: joined('labels') } } : {}) },
    notes,
  };
}
