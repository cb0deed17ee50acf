import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { folderBlobs } from './folder';

/** The disk: it takes so many more bytes. */
const disk = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    writeFile: async (file: string, bytes: Uint8Array, options: object) => {
      if (bytes.length <= disk.left) return real.writeFile(file, bytes, options);
      await real.writeFile(file, bytes.subarray(0, disk.left), options);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  };
});

const bytes = new TextEncoder().encode('the weights of a model');
const NAME = createHash('sha256').update(bytes).digest('hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-blobs-'));
  disk.left = Number.POSITIVE_INFINITY;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const stored = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => e.name);

describe('blobs in a folder', () => {
  it('are read back as they were put, and are their owner’s only', async () => {
    const blobs = folderBlobs(folder);
    await blobs.put(NAME, bytes);
    expect(await blobs.has(NAME)).toBe(true);
    expect(await blobs.get(NAME)).toEqual(bytes);
    expect(stored()).toEqual([NAME]);
    const file = path.join(folder, NAME.slice(0, 2), NAME);
    expect([statSync(file).mode & 0o777, statSync(path.dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('put twice, also at once, are one file', async () => {
    const blobs = folderBlobs(folder);
    await Promise.all([1, 2, 3, 4].map(() => blobs.put(NAME, bytes)));
    await blobs.put(NAME, bytes);
    expect(stored()).toEqual([NAME]);
  });

  it('that are missing are undefined, and removing them is no error', async () => {
    const blobs = folderBlobs(path.join(folder, 'not', 'there'));
    expect(await blobs.has(NAME)).toBe(false);
    expect(await blobs.get(NAME)).toBeUndefined();
    await blobs.delete(NAME);
  });

  it('removed are gone', async () => {
    const blobs = folderBlobs(folder);
    await blobs.put(NAME, bytes);
    await blobs.delete(NAME);
    expect(await blobs.get(NAME)).toBeUndefined();
  });

  it.each(['', 'a', '../../etc/passwd', `${NAME}/..`, `${NAME}0`, NAME.toUpperCase(), `${NAME.slice(0, 63)}\0`])(
    'by the name %j are refused before the disk is touched',
    async (name) => {
      const blobs = folderBlobs(folder);
      for (const work of [() => blobs.put(name, bytes), () => blobs.get(name), async () => blobs.has(name), async () => blobs.delete(name)])
        await expect(work()).rejects.toThrow(`expected 64 hexadecimal digits, got ${JSON.stringify(name)}`);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('on a full disk are refused in a sentence for visitors, leave nothing half there, and fit when there is room', async () => {
    const blobs = folderBlobs(folder);
    disk.left = 7;
    const failure = await blobs.put(NAME, bytes).then(undefined, (error) => error);
    expect(failure).toMatchObject({
      name: 'StoreUnavailable',
      code: 'store-unavailable',
      message: 'the site has no space left for files; what was there is kept, try again later',
      cause: { code: 'ENOSPC' },
    });
    expect(stored()).toEqual([]);
    expect(await blobs.has(NAME)).toBe(false);
    disk.left = bytes.length;
    await blobs.put(NAME, bytes);
    expect(await blobs.get(NAME)).toEqual(bytes);
  });

  it('where no folder can be made are unavailable, without the server’s paths in the sentence', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const blobs = folderBlobs(path.join(folder, 'file'));
    const failure = await blobs.put(NAME, bytes).then(undefined, (error) => error);
    expect(failure).toMatchObject({ code: 'store-unavailable', message: 'a file could not be stored; what was there is kept, try again' });
    await expect(blobs.get(NAME)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(readFileSync(path.join(folder, 'file'))).toHaveLength(0);
  });
});
