import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openVercelStore, type VercelStore } from '../testing/vercel-store';
import { vercelBlobs } from './vercel';

const bytes = new TextEncoder().encode('the weights of a model');
const NAME = createHash('sha256').update(bytes).digest('hex');
const KEY = `${NAME.slice(0, 2)}/${NAME}`;

let store: VercelStore;
beforeAll(async () => {
  store = await openVercelStore();
});
beforeEach(() => {
  store.objects.clear();
  store.asked.length = 0;
  store.trouble(undefined);
});
afterAll(() => store.close());

describe('blobs in Vercel Blob', () => {
  it('are stored, found, read and removed', async () => {
    const blobs = vercelBlobs(store.token);
    expect(await blobs.has(NAME)).toBe(false);
    expect(await blobs.get(NAME)).toBeUndefined();
    await blobs.put(NAME, bytes);
    expect([...store.objects.keys()], 'under their own name').toEqual([KEY]);
    expect(await blobs.has(NAME)).toBe(true);
    expect(await blobs.get(NAME)).toEqual(bytes);
    await blobs.put(NAME, bytes);
    await blobs.delete(NAME);
    await blobs.delete(NAME);
    expect(await blobs.has(NAME)).toBe(false);
  });

  it('with another token are refused, and nothing is stored', async () => {
    const blobs = vercelBlobs('vercel_blob_rw_teststore_guessed');
    await expect(blobs.put(NAME, bytes)).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(blobs.has(NAME)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(store.objects.size).toBe(0);
  });

  it('whose name is not a hash are not asked for', async () => {
    const blobs = vercelBlobs(store.token);
    for (const name of ['../secret', NAME.toUpperCase(), ''])
      await expect(blobs.get(name)).rejects.toThrow(`expected 64 hexadecimal digits, got ${JSON.stringify(name)}`);
    expect(store.asked).toEqual([]);
  });

  it.each([503, 'cut'] as const)(
    'when the store answers %s are unavailable within seconds, with a sentence for visitors',
    async (trouble) => {
      const blobs = vercelBlobs(store.token);
      store.trouble(trouble);
      const work = [() => blobs.put(NAME, bytes), () => blobs.has(NAME), () => blobs.get(NAME), () => blobs.delete(NAME)];
      const failures = await Promise.all(work.map((one) => one().then(undefined, (error) => error as Error)));
      const message = (what: string) => `a file could not be ${what}; what was there is kept, try again`;
      expect(failures.map((f) => f?.message)).toEqual(['stored', 'looked up', 'read', 'removed'].map(message));
      store.trouble(undefined);
      await blobs.put(NAME, bytes);
      expect(await blobs.get(NAME), 'and come back with it').toEqual(bytes);
    },
  );

  it('cut off while they are read are unavailable, not half there', async () => {
    const blobs = vercelBlobs(store.token);
    await blobs.put(NAME, bytes);
    store.trouble('cut-body');
    await expect(blobs.get(NAME)).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});
