/**
 * ImageNette's archive → raw splits. It is read three times as a stream: for the names, whose order says where each image
 * belongs, then once for each split, whose images are decoded one by one and written to their places. In memory are the names
 * (about 2 MB) and one image, however large the archive.
 */
import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../failure';
import type { Split } from '../random';
import { type Dataset, imageBytes } from './datasets';
import { centreCrop, readImagenetteName } from './imagenette';
import { openJpegDecoder } from './jpeg';
import type { SplitContent, Unpacked, Unpacking } from './split-content';
import { readTarGz } from './tar-gz';
import { smaller } from './unpack-cifar';

/** Bytes of a JPEG file at most; those of 160 pixels have about 7 000. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const PROGRESS_EVERY = 1000;

interface Image {
  name: string;
  label: number;
}

export async function unpackImagenette(dataset: Dataset, directory: string, file: string, how: Unpacking): Promise<Unpacked> {
  const images = await listImages(dataset, directory, file, how.signal);
  const content = (split: Split): SplitContent => ({
    records: images[split].length,
    write: (target) => writeSplit(dataset, directory, file, split, images[split], target, how),
  });
  const result: Unpacked = {
    splits: {
      ...(images.test.length ? { test: content('test') } : {}),
      ...(images.train.length ? { train: content('train') } : {}),
    },
    notes: [],
  };
  result.notes.push(...smaller(dataset, file, result));
  return result;
}

async function listImages(dataset: Dataset, directory: string, file: string, signal?: AbortSignal): Promise<Record<Split, Image[]>> {
  const images: Record<Split, Image[]> = { train: [], test: [] };
  const known = new Set<string>();
  let other: string | undefined;
  await readTarGz(
    directory,
    file,
    ({ name, type }) => {
      const image = readImagenetteName(name, file);
      if (!image) {
        if (type === 'file') other ??= name;
        return;
      }
      if (type !== 'file') throw new Failure('data-damaged', `${name} in ${file} is a ${type}, a file expected`);
      if (known.has(name)) throw new Failure('data-damaged', `${file} holds ${name} twice`);
      known.add(name);
      const most = dataset.records[image.split];
      if (images[image.split].push({ name, label: image.label }) > most)
        throw new Failure('data-damaged', `${file} holds more than ${dataset.title}'s ${most} ${image.split} images`);
    },
    signal,
  );
  if (known.size === 0) {
    const instead = other === undefined ? '' : `; it holds ${other}`;
    throw new Failure('data-damaged', `${file} holds no imagenette2-160/{train,val}/<class>/<name>.JPEG${instead}`);
  }
  for (const list of Object.values(images))
    list.sort((a, b) => a.label - b.label || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return images;
}

async function writeSplit(
  dataset: Dataset,
  directory: string,
  file: string,
  split: Split,
  images: Image[],
  target: FileHandle,
  { log, signal }: Unpacking,
): Promise<string[]> {
  const decode = await openJpegDecoder();
  const places = new Map(images.map(({ name }, place) => [name, place]));
  const kind = split === 'test' ? 'test' : 'training';
  const size = imageBytes(dataset);
  const [side] = dataset.shape;
  const out = new Uint8Array(size);
  let small = 0;
  const odd: string[] = [];
  await readTarGz(
    directory,
    file,
    async (entry) => {
      const place = places.get(entry.name);
      if (place === undefined) return;
      const { width, height, rgba, warnings } = decode(await entry.bytes(MAX_FILE_BYTES), entry.name);
      if (Math.min(width, height) < side) small++;
      if (warnings.length) odd.push(`${entry.name} (${warnings[0]})`);
      centreCrop(rgba, width, height, side, out);
      await writeAt(target, out, place * size);
      places.delete(entry.name);
      const done = images.length - places.size;
      if (done % PROGRESS_EVERY === 0) log?.(`unpacking ${dataset.title}: ${done} of ${images.length} ${kind} images`);
    },
    signal,
  );
  if (places.size) throw new Failure('data-damaged', `${file} was changed while it was read`);
  await writeAt(
    target,
    Uint8Array.from(images, ({ label }) => label),
    images.length * size,
  );
  return [
    ...(small
      ? [
          `${small} of the ${kind} images of ${file} ${small === 1 ? 'is' : 'are'} smaller than ${side}×${side}: black was put around ${small === 1 ? 'it' : 'them'}`,
        ]
      : []),
    ...(odd.length ? [`the JPEG decoder remarked on ${odd.length} ${kind} images of ${file}, first on ${odd[0]}`] : []),
  ];
}

async function writeAt(target: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await target.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
