/**
 * Data sets in Node: found (a directory, the local cache, the official address), checked, unpacked once into raw files
 * `<split>.bin` (images, then labels), and read by ranges from there.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { Failure } from '../failure';
import type { Split } from '../random';
import { builtInSource } from './built-in';
import { type DataSource, type Dataset, imageBytes } from './datasets';
import { download, type Patience } from './download';
import { fileDigest } from './file-digest';
import { removeLeftovers, unfinishedFolder, unfinishedName } from './leftovers';
import { makeFolder } from './make-folder';
import { OFFICIAL_FILES, type OfficialFile } from './official';
import { inMemory, type Unpacked } from './split-content';
import { findFiles, unpack } from './unpack';

export interface NodeSourceOptions {
  dataset: Dataset;
  /** `--data` / `DATASETS_DIR` */
  directory?: string;
  /** Where unpacked splits are kept. */
  cache: string;
  /** Says what goes on; goes to stderr. */
  log?(line: string): void;
  /** Official addresses, replaced in tests. */
  official?: OfficialFile[];
  offline?: boolean;
  /** Breaks off a download or unpacking; of these only what a download can go on from stays. */
  signal?: AbortSignal;
  /** How often and how soon a download is tried again, changed in tests. */
  patience?: Patience;
}

/** What went wrong with the cache, as a failure that names it. */
function cacheFailure(options: NodeSourceOptions, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof Failure || code === undefined) return error;
  const what = code === 'ENOSPC' ? 'no space left' : `cannot write (${message})`;
  return new Failure('data-unavailable', `${what} in ${options.cache} to unpack ${options.dataset.title}`, { cause: error });
}

const stopIfAsked = (signal: AbortSignal | undefined) => {
  if (signal?.aborted) throw new Failure('stopped', 'stopped');
};

/** Writes under a name of its own first: a reader sees the old content or the new. */
async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = unfinishedName(file);
  await writeFile(temporary, text);
  await rename(temporary, file);
}

const splitSchema = z.object({ sha256: z.string(), records: z.number().int().positive(), official: z.boolean() });
const manifestSchema = z.object({ test: splitSchema.optional(), train: splitSchema.optional(), notes: z.array(z.string()) });
export type DataManifest = z.infer<typeof manifestSchema>;

/** SHA-256 of an open file, which stays open. */
async function openDigest(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(1 << 20);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** Digests listed in DIR/SHA256SUMS, by relative path. */
async function listedDigests(directory: string): Promise<Map<string, string>> {
  const file = path.join(directory, 'SHA256SUMS');
  if (!existsSync(file)) return new Map();
  const lines = (await readFile(file, 'utf8')).split('\n').flatMap((line) => {
    const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line.trim());
    return match ? [[match[2].replace(/^\.\//, ''), match[1]] as const] : [];
  });
  return new Map(lines);
}

/** Checks the files against SHA256SUMS and the published checksums; true if they are the published files. */
async function checkFiles(options: NodeSourceOptions, directory: string, files: string[]): Promise<boolean> {
  const listed = await listedDigests(directory);
  const official = options.official ?? OFFICIAL_FILES[options.dataset.id];
  let published = files.length > 0;
  for (const file of files) {
    const expected = listed.get(file);
    if (expected && (await fileDigest(path.join(directory, file), 'sha256')) !== expected) {
      throw new Failure('data-damaged', `${file} does not match its line in ${directory}/SHA256SUMS`);
    }
    const entry = official.find((f) => f.path === file);
    published &&= entry !== undefined && (await fileDigest(path.join(directory, file), 'md5')) === entry.md5;
  }
  return published;
}

/** Names the state of the original files, so that changed ones are unpacked anew. */
async function sourceKey(directory: string, files: string[]): Promise<string> {
  const hash = createHash('sha256').update(`${path.resolve(directory)}\n`);
  for (const file of files) {
    const { size, mtimeMs } = await stat(path.join(directory, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

async function drawAll({ records }: Dataset, source: DataSource, signal?: AbortSignal): Promise<Unpacked> {
  const whole = async (split: Split) => {
    stopIfAsked(signal);
    return inMemory(await source.read(split, 0, records[split]));
  };
  return { splits: { test: await whole('test'), train: await whole('train') }, notes: [] };
}

async function unpackInto(options: NodeSourceOptions, target: string, directory: string, files: string[]): Promise<void> {
  const { dataset, signal } = options;
  const builtIn = builtInSource(dataset);
  options.log?.(builtIn ? `drawing ${dataset.title}` : `unpacking ${dataset.title} from ${directory}`);
  let published: boolean;
  let unpacked: Unpacked;
  try {
    published = builtIn !== undefined || (await checkFiles(options, directory, files));
    stopIfAsked(signal);
    unpacked = builtIn ? await drawAll(dataset, builtIn, signal) : await unpack(dataset, directory, files, { log: options.log, signal });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('data-unavailable', `${dataset.title} could not be read from ${directory}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const { splits, notes } = unpacked;
  let temporary: string | undefined;
  try {
    await removeLeftovers(path.dirname(target));
    temporary = await unfinishedFolder(target);
    const manifest: DataManifest = { notes };
    for (const split of ['test', 'train'] as const) {
      stopIfAsked(signal);
      const content = splits[split];
      if (!content) continue;
      const file = await open(path.join(temporary, `${split}.bin`), 'wx+');
      try {
        notes.push(...(await content.write(file)));
        stopIfAsked(signal);
        const sha256 = await openDigest(file);
        const known = dataset.officialSha256[split];
        manifest[split] = { sha256, records: content.records, official: known ? known === sha256 : published };
      } finally {
        await file.close();
      }
    }
    await writeFile(path.join(temporary, 'manifest.json'), JSON.stringify(manifest));
    await putInPlace(temporary, target);
  } catch (error) {
    if (temporary) await rm(temporary, { recursive: true, force: true });
    throw cacheFailure(options, error);
  }
}

/** Takes a folder away in one step: others find it whole or not at all. */
async function removeAtOnce(folder: string): Promise<void> {
  const aside = await unfinishedFolder(folder);
  await rename(folder, path.join(aside, 'old')).catch(() => undefined); // another process has been faster
  await rm(aside, { recursive: true, force: true });
}

/** Gives a finished folder its name, unless another process has been faster: its folder may be in use already. */
async function putInPlace(temporary: string, target: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(temporary, target);
    } catch (error) {
      const taken = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (!taken || attempt === 4) throw error;
    }
    if (await readManifest(target)) return rm(temporary, { recursive: true, force: true });
    await removeAtOnce(target); // left half-written by a killed process
  }
}

async function readManifest(folder: string): Promise<DataManifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')));
  } catch {
    return undefined; // absent or half-written: unpacked again
  }
}

/** Finds and unpacks; resolves to the folder with `<split>.bin` and `manifest.json`. A built-in data set is drawn. */
export async function prepareDataset(options: NodeSourceOptions): Promise<{ folder: string; manifest: DataManifest }> {
  const { dataset, directory, cache } = options;
  const home = path.join(cache, dataset.id);
  const currentFile = path.join(home, 'current');
  await makeFolder(home).catch((error) => {
    throw cacheFailure(options, error);
  });
  if (builtInSource(dataset)) return unpackOnce(options, path.join(home, String(dataset.officialSha256.test).slice(0, 16)), '', []);
  let source = directory;
  let files = source ? findFiles(dataset, source) : [];
  if (files.length === 0) {
    const current = existsSync(currentFile) ? (await readFile(currentFile, 'utf8')).trim() : '';
    const folder = path.join(home, path.basename(current));
    const manifest = current ? await readManifest(folder) : undefined;
    if (directory && manifest) options.log?.(`${directory} holds no files of ${dataset.title}; using the copy in ${cache}`);
    if (manifest) return { folder, manifest };
    source = path.join(cache, 'originals');
    files = findFiles(dataset, source);
    const official = options.official ?? OFFICIAL_FILES[dataset.id];
    if (files.length < official.length) {
      const where = directory ? `${directory} holds no files of ${dataset.title}` : 'no data directory was named (--data, DATASETS_DIR)';
      if (options.offline)
        throw new Failure('data-unavailable', `${dataset.title} is not here: ${where}, and nothing is cached in ${cache}`);
      await fetchAll(options, source, where);
    }
  }
  const from = source as string;
  const unpackFrom = async () => {
    files = findFiles(dataset, from);
    const key = await sourceKey(from, files);
    const prepared = await unpackOnce(options, path.join(home, key), from, files);
    await writeWhole(currentFile, key).catch(() => undefined); // a convenience: which folder to take without a directory
    return prepared;
  };
  return unpackFrom().catch(async (error) => {
    const ours = from !== directory && !options.offline;
    if (!ours || !(error instanceof Failure) || error.code !== 'data-damaged') throw error;
    const fetched = await fetchAll(options, from, error.message, (file) => options.log?.(`${error.message}: fetching ${file} again`));
    if (!fetched) throw error;
    return unpackFrom();
  });
}

/** Fetches the published files that a folder lacks or has damaged. `onDamaged`: hears of those first. Resolves to how many came. */
async function fetchAll(options: NodeSourceOptions, folder: string, where: string, onDamaged?: (file: string) => void): Promise<number> {
  let fetched = 0;
  for (const file of options.official ?? OFFICIAL_FILES[options.dataset.id]) {
    const came = await download(file, folder, where, { ...options, onDamaged }).catch((error) => {
      throw cacheFailure(options, error);
    });
    if (came) fetched++;
  }
  return fetched;
}

async function unpackOnce(options: NodeSourceOptions, folder: string, from: string, files: string[]) {
  let manifest = await readManifest(folder);
  // Again if another process has found it damaged, and replaced it, in this moment.
  for (let attempt = 0; !manifest && attempt < 5; attempt++) {
    await unpackInto(options, folder, from, files);
    manifest = await readManifest(folder);
  }
  if (!manifest) {
    await removeAtOnce(folder).catch(() => undefined); // nothing that is of use to the next run
    throw new Failure('data-damaged', `${folder} could not be read back after unpacking`);
  }
  return { folder, manifest };
}

/** Opens a data set for reading; each split's bytes are checked against its digest before the first read. */
export async function openDataset(options: NodeSourceOptions): Promise<DataSource & { notes: string[]; close(): Promise<void> }> {
  const { dataset } = options;
  const builtIn = builtInSource(dataset);
  if (builtIn) return Object.assign(builtIn, { notes: [], close: async () => undefined });
  let { folder, manifest } = await prepareDataset(options);
  const perImage = imageBytes(dataset);
  const handles = new Map<Split, Promise<FileHandle>>();

  const check = async (split: Split, mayRepair: boolean): Promise<FileHandle> => {
    const info = manifest[split];
    const file = path.join(folder, `${split}.bin`);
    if (!info) throw new Failure('data-unavailable', `the ${split} split of ${dataset.title} is not in the data directory`);
    const opened = await open(file, 'r').catch(() => undefined);
    if (opened && (await openDigest(opened)) === info.sha256) return opened;
    await opened?.close();
    if (!mayRepair) throw new Failure('data-damaged', `${file} does not match its digest; remove ${folder} and run again`);
    options.log?.(`${file} is damaged: unpacking again`);
    await removeAtOnce(folder);
    ({ folder, manifest } = await prepareDataset(options));
    return check(split, false);
  };
  const handle = (split: Split) => {
    const existing = handles.get(split);
    if (existing) return existing;
    const opening = check(split, true);
    handles.set(split, opening);
    return opening;
  };

  return {
    notes: manifest.notes,
    async info(split) {
      await handle(split);
      return manifest[split] as NonNullable<DataManifest['test']>;
    },
    async read(split, first, count) {
      const file = await handle(split);
      const { records } = manifest[split] as NonNullable<DataManifest['test']>;
      if (first + count > records) throw new Error(`expected records below ${records}, got ${first} to ${first + count - 1}`);
      const images = new Uint8Array(count * perImage);
      const labels = new Uint8Array(count);
      const got = [
        await file.read(images, 0, images.length, first * perImage),
        await file.read(labels, 0, labels.length, records * perImage + first),
      ];
      if (got[0].bytesRead !== images.length || got[1].bytesRead !== labels.length)
        throw new Failure('data-damaged', `${folder}/${split}.bin became shorter while it was read`);
      return { images, labels };
    },
    async close() {
      for (const opening of handles.values())
        await opening.then(
          (file) => file.close(),
          () => undefined,
        );
    },
  };
}
