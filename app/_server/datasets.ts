/** The site's data sets: unpacked once into the data directory, listed with a digest for every block, read by range. */
import 'server-only';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { BLOCK_BYTES, type BlockList, type SiteManifest, siteManifestSchema } from '@/lib/data/blocks';
import { DATASETS, type DatasetId } from '@/lib/data/datasets';
import { prepareDataset } from '@/lib/data/node-source';
import { Failure } from '@/lib/failure';
import type { Split } from '@/lib/random';
import { dataDirectory, datasetsDirectory } from './environment';

export interface SiteDataset {
  folder: string;
  manifest: SiteManifest;
}

const globals = globalThis as unknown as { __datasets?: Map<DatasetId, Promise<SiteDataset>> };
globals.__datasets ??= new Map();
const opened = globals.__datasets;

export const isDatasetId = (id: string): id is DatasetId => Object.hasOwn(DATASETS, id);

/** A sentence for visitors: the server's own folders are nobody's business. */
export function withoutPaths(text: string): string {
  return [datasetsDirectory(), dataDirectory()].reduce<string>(
    (t, folder) => (folder ? t.replaceAll(folder, 'the data directory') : t),
    text,
  );
}

/** What is going on with a data set that is being fetched or unpacked, in a line. */
export const preparing = new Map<DatasetId, string>();

/** Unpacks on the first request; a failure is not remembered, so that files which arrive later are found. */
export function siteDataset(id: DatasetId): Promise<SiteDataset> {
  const existing = opened.get(id);
  if (existing) return existing;
  const opening = openSiteDataset(id).catch((error) => {
    // Remembered for a moment, so that everybody who waits hears it; then files which have arrived are found.
    setTimeout(() => opened.delete(id), 3000);
    throw error;
  });
  opened.set(id, opening);
  opening.finally(() => preparing.delete(id)).catch(() => undefined);
  return opening;
}

async function openSiteDataset(id: DatasetId, again = true): Promise<SiteDataset> {
  const { folder, manifest } = await prepareDataset({
    dataset: DATASETS[id],
    directory: datasetsDirectory(),
    cache: path.join(dataDirectory(), 'datasets'),
    log: (line) => preparing.set(id, withoutPaths(line)),
  });
  const listFile = path.join(folder, 'blocks.json');
  if (existsSync(listFile)) {
    const kept = siteManifestSchema.safeParse(
      await readFile(listFile, 'utf8')
        .then(JSON.parse)
        .catch(() => undefined),
    );
    if (kept.success) return { folder, manifest: kept.data };
  }
  const splits: SiteManifest['splits'] = {};
  for (const split of ['test', 'train'] as const) {
    const info = manifest[split];
    if (!info) continue;
    const { sha256, ...list } = await blockDigests(path.join(folder, `${split}.bin`));
    if (sha256 !== info.sha256) {
      if (!again) throw new Failure('data-damaged', `the unpacked ${split} split of ${DATASETS[id].title} does not match its digest`);
      await rm(folder, { recursive: true, force: true });
      return openSiteDataset(id, false);
    }
    splits[split] = { ...info, ...list };
  }
  const site: SiteManifest = { dataset: id, notes: manifest.notes.map(withoutPaths), splits };
  await writeFile(`${listFile}.${process.pid}`, JSON.stringify(site));
  await rename(`${listFile}.${process.pid}`, listFile);
  return { folder, manifest: site };
}

/** Digests of the blocks and of the whole, which must be the split's own before anything is served. */
async function blockDigests(file: string): Promise<Pick<BlockList, 'sha256' | 'bytes' | 'blockBytes' | 'blocks'>> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const blocks: string[] = [];
    const whole = createHash('sha256');
    const buffer = new Uint8Array(BLOCK_BYTES);
    for (let at = 0; at < size; at += BLOCK_BYTES) {
      const { bytesRead } = await handle.read(buffer, 0, BLOCK_BYTES, at);
      whole.update(buffer.subarray(0, bytesRead));
      blocks.push(createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex'));
    }
    return { sha256: whole.digest('hex'), bytes: size, blockBytes: BLOCK_BYTES, blocks };
  } finally {
    await handle.close();
  }
}

/** A whole split, streamed. */
export function streamSplit(folder: string, split: Split): ReadableStream<Uint8Array> {
  return Readable.toWeb(createReadStream(path.join(folder, `${split}.bin`))) as ReadableStream<Uint8Array>;
}

/** Bytes [start, end) of a split's raw file. */
export async function readRange(folder: string, split: Split, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(path.join(folder, `${split}.bin`), 'r');
  try {
    const out = new Uint8Array(end - start);
    await handle.read(out, 0, out.length, start);
    return out;
  } finally {
    await handle.close();
  }
}
