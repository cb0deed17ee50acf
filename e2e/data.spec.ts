/** The site's data routes, as the browser's reader relies on them. */
import { createHash } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { siteManifestSchema } from '../lib/data/blocks';

test('a data set is listed with digests, and any block of it can be fetched and checked', async ({ request }) => {
  const ask = () => request.get('/data/fashion-mnist/manifest.json');
  // 202 while the site unpacks the files for the first time.
  await expect.poll(async () => (await ask()).status(), { timeout: 60_000 }).toBe(200);
  const manifest = siteManifestSchema.parse(await (await ask()).json());
  const list = manifest.splits.test;
  expect(list?.records).toBe(10000);
  expect(list?.bytes).toBe(10000 * 785);
  const block = 3;
  const start = block * (list?.blockBytes ?? 0);
  const end = start + (list?.blockBytes ?? 0) - 1;
  const part = await request.get('/data/fashion-mnist/test.bin', { headers: { Range: `bytes=${start}-${end}` } });
  expect(part.status()).toBe(206);
  expect(part.headers()['content-range']).toBe(`bytes ${start}-${end}/${list?.bytes}`);
  expect(
    createHash('sha256')
      .update(await part.body())
      .digest('hex'),
  ).toBe(list?.blocks[block]);
});

test('odd ranges and unknown names are refused with a code', async ({ request }) => {
  const range = (value: string) => request.get('/data/fashion-mnist/test.bin', { headers: { Range: value } });
  for (const value of ['bytes=7850000-', 'bytes=5-2', 'bytes=-', 'bytes=a-b', 'bytes=0-1,4-5', 'items=0-1']) {
    expect((await range(value)).status(), value).toBe(416);
  }
  expect((await range('bytes=-5')).headers()['content-range']).toBe('bytes 7849995-7849999/7850000');
  for (const [path, code] of [
    ['/data/nothing/manifest.json', 'unknown-dataset'],
    ['/data/__proto__/manifest.json', 'unknown-dataset'],
    ['/data/fashion-mnist/secrets.json', 'unknown-file'],
    ['/data/fashion-mnist/..%2F..%2Fsecrets.json', 'unknown-file'],
  ]) {
    const answer = await request.get(path);
    expect(answer.status(), path).toBe(404);
    expect((await answer.json()).error.code, path).toBe(code);
  }
});
