import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBucket } from '../testing/bucket';
import { chooseBlobs } from './choose';

const bytes = new Uint8Array([1, 2, 3]);
const NAME = createHash('sha256').update(bytes).digest('hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-chosen-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the store of blobs is', () => {
  it('a folder in the data directory where nothing is set', async () => {
    await (await chooseBlobs({}, folder)).put(NAME, bytes);
    expect(existsSync(path.join(folder, 'blobs', NAME.slice(0, 2), NAME))).toBe(true);
  });

  it('a bucket by S3_URL, also with a slash at the end, before any other', async () => {
    const { settings, objects, close } = await openBucket();
    const env = {
      S3_URL: `${settings.url}/`,
      S3_ACCESS_KEY_ID: settings.accessKeyId,
      S3_SECRET_ACCESS_KEY: settings.secretAccessKey,
      S3_REGION: settings.region,
      BLOB_READ_WRITE_TOKEN: 'unused',
    };
    await (await chooseBlobs(env, folder)).put(NAME, bytes);
    expect([...objects.keys()]).toEqual([`${NAME.slice(0, 2)}/${NAME}`]);
    expect(existsSync(path.join(folder, 'blobs'))).toBe(false);
    await close();
  });

  it.each([{ S3_ACCESS_KEY_ID: 'a' }, { S3_SECRET_ACCESS_KEY: 'b' }, {}])('nothing where S3_URL comes with %o alone', async (keys) => {
    await expect(chooseBlobs({ S3_URL: 'https://s3.example/bucket', ...keys }, folder)).rejects.toThrow(
      'S3_URL is set, so S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set too',
    );
  });

  it('Vercel Blob by BLOB_READ_WRITE_TOKEN, which writes nothing here', async () => {
    const blobs = await chooseBlobs({ BLOB_READ_WRITE_TOKEN: 'vercel_blob_rw_test_token' }, folder);
    expect(Object.keys(blobs).sort()).toEqual(['delete', 'get', 'has', 'put']);
    await expect(blobs.has('not a hash')).rejects.toThrow('expected 64 hexadecimal digits, got "not a hash"');
    expect(existsSync(path.join(folder, 'blobs'))).toBe(false);
  });
});
