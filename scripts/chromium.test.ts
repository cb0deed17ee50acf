import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, startFailure } from './chromium.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-finder-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

it('names the library that is missing', () => {
  expect(
    startFailure('chrome: error while loading shared libraries: libnss3.so: cannot open shared object file: No such file or directory'),
  ).toBe('the system library libnss3.so is missing (as root: npx playwright install-deps chromium)');
  expect(startFailure('one\ntwo\n')).toBe('two');
  expect(startFailure('')).toBe('it printed nothing');
});

describe.skipIf(process.platform === 'win32')('findChromium', () => {
  const good = 'case "$1" in --version) echo Chromium 1;; *) echo "<html></html>";; esac';

  it('takes CHROMIUM_PATH and nothing else', async () => {
    const file = program('good', good);
    expect(await findChromium({ env: { CHROMIUM_PATH: file } })).toEqual({ path: file });
    const lacking = program('lacking', 'echo "x: error while loading shared libraries: libgbm.so.1: cannot open" >&2; exit 127');
    expect((await findChromium({ env: { CHROMIUM_PATH: lacking }, places: [file] })).error).toMatch(
      /CHROMIUM_PATH \(.*lacking\) does not start: the system library libgbm\.so\.1 is missing/,
    );
    expect((await findChromium({ env: { CHROMIUM_PATH: '/nowhere' } })).error).toBe(
      'CHROMIUM_PATH (/nowhere) does not start: there is no such file',
    );
  });

  it('passes over one that does not start or renders nothing', async () => {
    const dead = program('dead', 'exit 1');
    const blank = program('blank', 'echo Chromium 1');
    const file = program('good', good);
    expect(await findChromium({ env: {}, places: ['/nowhere', dead, blank, file], mayInstall: false })).toEqual({ path: file });
  });

  it('says what was tried where there is none', async () => {
    const dead = program('dead', 'echo broken >&2; exit 1');
    const { error } = await findChromium({ env: {}, places: [dead], mayInstall: false });
    expect(error).toBe(`no Chromium was found; install one or set CHROMIUM_PATH (${dead} does not start: broken)`);
  });
});
