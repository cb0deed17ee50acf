import { readdirSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUNDLED_MODELS } from './bundled-models';

it.each(BUNDLED_MODELS)('$id is as large as the page says before it is fetched', ({ id, bytes }) => {
  const folder = `public/models/${id}`;
  expect(readdirSync(folder).reduce((n, file) => n + statSync(`${folder}/${file}`).size, 0)).toBe(bytes);
});
