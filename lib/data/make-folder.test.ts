import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-folder-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('makes what is missing of the way, several callers at once', async () => {
  const deep = path.join(root, 'a/b/c');
  await Promise.all([deep, `${deep}/`, path.join(root, 'a/b'), deep].map(makeFolder));
  expect(statSync(deep).isDirectory()).toBe(true);
  await makeFolder(deep);
});

it('fails where a file is in the way', async () => {
  writeFileSync(path.join(root, 'file'), '');
  for (const folder of ['file', 'file/a', 'file/a/b']) await expect(makeFolder(path.join(root, folder))).rejects.toThrow(/^E/);
});

it.runIf(existsSync('/proc/self'))('fails, soon, where the system lets nobody make a folder', async () => {
  await expect(makeFolder('/proc/simplexity/data')).rejects.toMatchObject({ code: 'ENOENT' });
});
