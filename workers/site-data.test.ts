/** Images from a site that answers from memory. */
import { createHash } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { BLOCK_BYTES, type SiteManifest } from '../lib/data/blocks';
import { DATASETS, imageBytes } from '../lib/data/datasets';
import { SiteData } from './site-data';

const IMAGENETTE = DATASETS.imagenette;
const RECORDS = 2000; // 154 MB, more than is kept in memory
const size = imageBytes(IMAGENETTE);

afterEach(() => vi.unstubAllGlobals());

it('reads more than fits into memory, block by block, each checked; what was forgotten is asked for again', {
  timeout: 120_000,
}, async () => {
  const bytes = RECORDS * (size + 1);
  // Every block is another: equal ones are one to the reader.
  const block = (index: number) =>
    new Uint8Array(Math.min(BLOCK_BYTES, bytes - index * BLOCK_BYTES)).fill(index % 251).fill(Math.floor(index / 251), -1);
  const blocks = Array.from({ length: Math.ceil(bytes / BLOCK_BYTES) }, (_, i) => createHash('sha256').update(block(i)).digest('hex'));
  const list = { sha256: 'a'.repeat(64), records: RECORDS, official: false, bytes, blockBytes: BLOCK_BYTES, blocks };
  const manifest: SiteManifest = { dataset: 'imagenette', notes: [], splits: { test: list } };
  const asked: number[] = [];
  vi.stubGlobal('fetch', async (url: string, init: { headers?: { Range: string } }) => {
    if (url.endsWith('manifest.json')) return Response.json(manifest);
    const [start, last] = (init.headers?.Range ?? '').slice('bytes='.length).split('-').map(Number);
    const first = start / BLOCK_BYTES;
    asked.push(first);
    const parts = Array.from({ length: Math.ceil((last + 1 - start) / BLOCK_BYTES) }, (_, i) => block(first + i));
    return new Response(Buffer.concat(parts), { status: 206 });
  });
  const data = await SiteData.open(IMAGENETTE, {});
  const batch = 100;
  for (let first = 0; first < RECORDS; first += batch) {
    const { images, labels } = await data.read('test', first, batch);
    expect([images.length, labels.length]).toEqual([batch * size, batch]);
    expect(images[0]).toBe(Math.floor((first * size) / BLOCK_BYTES) % 251);
  }
  const once = asked.length;
  await data.read('test', RECORDS - batch, batch);
  expect(asked.length).toBe(once);
  await data.read('test', 0, batch);
  expect(asked.slice(once)).toEqual([0]);
});
