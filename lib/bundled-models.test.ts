import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUNDLED_MODELS } from './bundled-models';
import { readBundle } from './model/bundle';

it.each(BUNDLED_MODELS)('$id is as large as the page says before it is fetched', ({ id, bytes }) => {
  const folder = `public/models/${id}`;
  expect(readdirSync(folder).reduce((n, file) => n + statSync(`${folder}/${file}`).size, 0)).toBe(bytes);
});

it.each(BUNDLED_MODELS)('$id has the digest by which reports name it', async ({ id, sha256 }) => {
  const files = new Map(
    readdirSync(`public/models/${id}`).map((file) => [file, new Uint8Array(readFileSync(`public/models/${id}/${file}`))]),
  );
  expect(await readBundle(files)).toMatchObject({ ok: true, value: { sha256 } });
});
