/** What is unpacked but can't be read back: the decoder is replaced by one that gives what no reader accepts. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FASHION, fashionFiles, randomRecords, writeFiles } from '../testing/data-files';
import { prepareDataset } from './node-source';
import { inMemory } from './split-content';

vi.mock('./unpack', async (original) => ({
  ...(await original<typeof import('./unpack')>()),
  unpack: async () => ({ splits: { test: inMemory({ images: new Uint8Array(), labels: new Uint8Array() }) }, notes: [] }),
}));

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-read-back-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('a split that cannot be read back after unpacking is refused and not left in the cache', async () => {
  writeFiles(root, fashionFiles({ test: randomRecords(FASHION, 2, 'test') }));
  const cache = path.join(root, 'cache');
  await expect(prepareDataset({ dataset: FASHION, directory: root, cache, offline: true })).rejects.toMatchObject({
    code: 'data-damaged',
    message: expect.stringMatching(/cache\/fashion-mnist\/[0-9a-f]{16} could not be read back after unpacking$/),
  });
  expect(readdirSync(path.join(cache, 'fashion-mnist'))).toEqual([]);
});
