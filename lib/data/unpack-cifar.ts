/** The archives of CIFAR-10 (five training batches and a test batch) and CIFAR-100 (one file for each split). */
import path from 'node:path';
import { Failure } from '../failure';
import { CIFAR_10_LABELS, CIFAR_100_LABELS, cifarRecordBytes, decodeCifar } from './cifar';
import type { Dataset, Records } from './datasets';
import { inMemory, type Unpacked, type Unpacking } from './split-content';
import { readTarGz } from './tar-gz';

/** Both splits are in memory for a moment: about 350 MB for an official archive. */
export async function unpackCifar10(dataset: Dataset, directory: string, file: string, { signal }: Unpacking): Promise<Unpacked> {
  const batches = new Map<string, Records>();
  const limit = dataset.records.test * cifarRecordBytes(CIFAR_10_LABELS);
  await readTarGz(
    directory,
    file,
    async (entry) => {
      const name = path.posix.basename(entry.name);
      if (entry.type !== 'file' || !/^(data_batch_[1-5]|test_batch)\.bin$/.test(name)) return;
      if (batches.has(name)) throw new Failure('data-damaged', `${file} holds ${name} twice`);
      batches.set(name, decodeCifar(await entry.bytes(limit), name, CIFAR_10_LABELS));
    },
    signal,
  );
  const test = batches.get('test_batch.bin');
  const train = [1, 2, 3, 4, 5].flatMap((n) => batches.get(`data_batch_${n}.bin`) ?? []);
  if (!test && train.length === 0) throw new Failure('data-damaged', `${file} holds no CIFAR-10 batches`);
  const notes = train.length < 5 ? [`${file} holds ${train.length} of ${dataset.title}'s 5 training batches`] : [];
  const joined = (key: 'images' | 'labels') => new Uint8Array(Buffer.concat(train.map((r) => r[key])));
  return {
    splits: {
      ...(test ? { test: inMemory(test) } : {}),
      ...(train.length ? { train: inMemory({ images: joined('images'), labels: joined('labels') }) } : {}),
    },
    notes,
  };
}

/** As for CIFAR-10; a split may be smaller than the official one (said) or missing, not larger. */
export async function unpackCifar100(dataset: Dataset, directory: string, file: string, { signal }: Unpacking): Promise<Unpacked> {
  const result: Unpacked = { splits: {}, notes: [] };
  const others: string[] = [];
  await readTarGz(
    directory,
    file,
    async (entry) => {
      const split = /^cifar-100-binary\/(test|train)\.bin$/.exec(entry.name)?.[1] as 'test' | 'train' | undefined;
      if (entry.type !== 'file' || !split) {
        if (entry.name.endsWith('.bin')) others.push(entry.name);
        return;
      }
      if (result.splits[split]) throw new Failure('data-damaged', `${file} holds ${entry.name} twice`);
      const limit = dataset.records[split] * cifarRecordBytes(CIFAR_100_LABELS);
      result.splits[split] = inMemory(decodeCifar(await entry.bytes(limit), entry.name, CIFAR_100_LABELS));
    },
    signal,
  );
  if (!result.splits.test && !result.splits.train) {
    const instead = others.length ? `; it holds ${others.slice(0, 3).join(', ')}` : '';
    throw new Failure('data-damaged', `${file} holds neither cifar-100-binary/train.bin nor cifar-100-binary/test.bin${instead}`);
  }
  result.notes.push(...smaller(dataset, file, result));
  return result;
}

/** A sentence for every split that has fewer images than the official one. */
export function smaller(dataset: Dataset, file: string, { splits }: Unpacked): string[] {
  return (['test', 'train'] as const).flatMap((split) => {
    const records = splits[split]?.records ?? 0;
    const kind = split === 'test' ? 'test' : 'training';
    return records < dataset.records[split]
      ? [`${file} holds ${records} of ${dataset.title}'s ${dataset.records[split]} ${kind} images`]
      : [];
  });
}
