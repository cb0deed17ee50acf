import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bucket, openBucket } from '../testing/bucket';
import { s3Blobs } from './s3';

const bytes = new TextEncoder().encode('the weights of a model');
const NAME = createHash('sha256').update(bytes).digest('hex');
const KEY = `${NAME.slice(0, 2)}/${NAME}`;

let bucket: Bucket;
beforeAll(async () => {
  bucket = await openBucket();
});
beforeEach(() => {
  bucket.objects.clear();
  bucket.asked.length = 0;
  bucket.trouble(undefined);
});
afterAll(() => bucket.close());

describe('blobs in a bucket', () => {
  it('are stored, found, read and removed by signed requests', async () => {
    const blobs = s3Blobs(bucket.settings);
    expect(await blobs.has(NAME)).toBe(false);
    expect(await blobs.get(NAME)).toBeUndefined();
    await blobs.put(NAME, bytes);
    expect([...bucket.objects.keys()]).toEqual([KEY]);
    expect(await blobs.has(NAME)).toBe(true);
    expect(await blobs.get(NAME)).toEqual(bytes);
    await blobs.delete(NAME);
    await blobs.delete(NAME);
    expect(await blobs.has(NAME)).toBe(false);
  });

  it('put twice are sent once', async () => {
    const blobs = s3Blobs(bucket.settings);
    await blobs.put(NAME, bytes);
    await blobs.put(NAME, bytes);
    expect(bucket.asked).toEqual([`HEAD ${KEY}`, `PUT ${KEY}`, `HEAD ${KEY}`]);
  });

  it('with another secret are refused by the bucket, and nothing is stored', async () => {
    const blobs = s3Blobs({ ...bucket.settings, secretAccessKey: 'guessed' });
    await expect(blobs.put(NAME, bytes)).rejects.toMatchObject({
      code: 'store-unavailable',
      cause: { message: expect.stringContaining('403') },
    });
    expect(bucket.objects.size).toBe(0);
  });

  it('whose name is not a hash are not asked for', async () => {
    const blobs = s3Blobs(bucket.settings);
    for (const name of ['../secret', NAME.toUpperCase(), ''])
      await expect(blobs.get(name)).rejects.toThrow(`expected 64 hexadecimal digits, got ${JSON.stringify(name)}`);
    expect(bucket.asked).toEqual([]);
  });

  it.each([500, 503, 403, 'cut'] as const)('when the bucket answers %s are unavailable, with a sentence for visitors', async (trouble) => {
    const blobs = s3Blobs(bucket.settings);
    bucket.trouble(trouble);
    for (const [work, what] of [
      [() => blobs.put(NAME, bytes), 'looked up'],
      [() => blobs.has(NAME), 'looked up'],
      [() => blobs.get(NAME), 'read'],
      [() => blobs.delete(NAME), 'removed'],
    ] as const) {
      const failure = (await work().then(undefined, (error) => error)) as Error;
      expect(failure).toMatchObject({
        name: 'StoreUnavailable',
        message: `a file could not be ${what}; what was there is kept, try again`,
      });
      expect(failure.message).not.toContain(bucket.settings.url);
    }
    bucket.trouble(undefined);
    await blobs.put(NAME, bytes);
    expect(await blobs.get(NAME), 'and come back with it').toEqual(bytes);
  });

  it('cut off while they are read are unavailable, not half there', async () => {
    const blobs = s3Blobs(bucket.settings);
    await blobs.put(NAME, bytes);
    bucket.trouble('cut-body');
    await expect(blobs.get(NAME)).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('without a bucket at the address are unavailable', async () => {
    const blobs = s3Blobs(bucket.settings);
    bucket.trouble(404);
    await expect(blobs.put(NAME, bytes)).rejects.toMatchObject({ cause: { message: `there is no bucket at ${bucket.settings.url}` } });
  });
});
