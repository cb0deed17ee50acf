import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tree } from '../../lib/testing/data-files';
import { prepareToWrite, writeTogether } from './outputs';

let root: string;
const place = (...parts: string[]) => path.join(root, ...parts);
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-outputs-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const failure = (message: string | RegExp) => ({ code: 'arguments', message: expect.stringMatching(message) });

describe('files that are written together', () => {
  const files = () =>
    new Map<string, string | Uint8Array>([
      [place('a.bitmap'), Uint8Array.of(1, 2)],
      [place('report.json'), '{}\n'],
    ]);

  it('appear under their names, over older ones, when all are written', async () => {
    writeFileSync(place('report.json'), 'old');
    let there: string[] = [];
    await writeTogether(files(), async () => {
      there = tree(root).filter((name) => !name.endsWith('.tmp'));
      expect(readFileSync(place('report.json'), 'utf8')).toBe('old');
    });
    expect(there).toEqual(['report.json']);
    expect(tree(root)).toEqual(['a.bitmap', 'report.json']);
    expect(readFileSync(place('report.json'), 'utf8')).toBe('{}\n');
  });

  it('leave nothing where one of them cannot be written', async () => {
    await expect(writeTogether(files().set(place('none/b.json'), ''))).rejects.toMatchObject(
      failure(/none\/b\.json could not be written: ENOENT/),
    );
    expect(tree(root)).toEqual([]);
  });

  it('leave nothing where one cannot have its name', async () => {
    mkdirSync(place('report.json'));
    await expect(writeTogether(files())).rejects.toMatchObject(failure(/report\.json could not be written: E/));
    expect(tree(root)).toEqual([]);
  });

  it('leave what was there before where a later one cannot have its name', async () => {
    writeFileSync(place('a.bitmap'), 'old');
    mkdirSync(place('report.json'));
    await expect(writeTogether(files())).rejects.toMatchObject(failure(/report\.json could not be written: E/));
    expect(tree(root)).toEqual(['a.bitmap']);
    expect(readFileSync(place('a.bitmap'), 'utf8')).toBe('old');
  });

  it('leave nothing, and what was there before, where the report on stdout fails', async () => {
    writeFileSync(place('a.bitmap'), 'old');
    const refused = new Error('no');
    await expect(writeTogether(files(), () => Promise.reject(refused))).rejects.toBe(refused);
    expect(tree(root)).toEqual(['a.bitmap']);
    expect(readFileSync(place('a.bitmap'), 'utf8')).toBe('old');
  });

  it.runIf(existsSync('/dev/full'))('write to a device, and do not take its place', async () => {
    await prepareToWrite('/dev/full');
    await expect(writeTogether(files().set('/dev/full', 'x'))).rejects.toMatchObject(failure(/^\/dev\/full could not be written: ENOSPC/));
    expect(tree(root)).toEqual([]);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
    await writeTogether(new Map([['/dev/null', 'x']]));
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('a place for a result', () => {
  it('is made and left empty', async () => {
    await prepareToWrite(place('deep/er/report.json'));
    expect(tree(root)).toEqual([]);
    expect(statSync(place('deep/er')).isDirectory()).toBe(true);
  });

  it.runIf(existsSync('/proc/self'))('that the system lets nobody make is refused soon', async () => {
    await expect(prepareToWrite('/proc/simplexity/clean.bitmap')).rejects.toMatchObject(
      failure(/^\/proc\/simplexity\/clean\.bitmap could not be written: ENOENT/),
    );
  });
});

describe.skipIf(process.platform === 'win32')('stdout', () => {
  const MODULE = path.join(import.meta.dirname, 'outputs.ts');
  /** Writes that many characters and a line break; 0 if it says it did, else 2 with the reason on stderr. */
  const script = (size: number) => `
    process.stdout.on('error', () => undefined);
    import(${JSON.stringify(MODULE)})
      .then(({ writeOut }) => writeOut('x'.repeat(${size}) + '\\n'))
      .then(() => process.exit(0), (error) => { console.error(error.code, error.message); process.exit(2); });`;
  const env = { ...process.env, TSX_DISABLE_CACHE: '1' };
  const node = ['--import', import.meta.resolve('tsx'), '-e'];

  async function writing(size: number, stdout: 'pipe' | number, shell = 'exec "$@"', hear = true) {
    const child = spawn('/bin/sh', ['-c', shell, 'sh', process.execPath, ...node, script(size)], {
      env,
      stdio: ['ignore', stdout, 'pipe'],
    });
    let [out, err] = [0, ''];
    if (hear) child.stdout?.on('data', (part) => (out += part.length));
    else child.stdout?.destroy();
    child.stderr?.setEncoding('utf8').on('data', (text) => (err += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, out, err };
  }

  it('gets the whole text, through a pipe and into a file', async () => {
    expect(await writing(3_000_000, 'pipe')).toEqual({ code: 0, out: 3_000_001, err: '' });
    expect(await writing(3_000_000, openSync(place('out'), 'w'))).toMatchObject({ code: 0, err: '' });
    expect(statSync(place('out')).size).toBe(3_000_001);
  });

  it('whose reader has gone is a failure', async () => {
    expect(await writing(3_000_000, 'pipe', undefined, false)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^arguments stdout could not be written: .*EPIPE.*\n$/),
    });
  });

  it.runIf(existsSync('/dev/full'))('on a full disk is a failure', async () => {
    expect(await writing(10, openSync('/dev/full', 'w'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^arguments stdout could not be written: ENOSPC.*\n$/),
    });
  });

  it('on a disk that has room for a part alone is a failure', async () => {
    const limited = 'ulimit -f 8; exec "$@"'; // blocks of 512 or 1024 bytes
    expect(await writing(100_000, openSync(place('out'), 'w'), limited)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^arguments stdout could not be written: EFBIG.*\n$/),
    });
    expect(statSync(place('out')).size).toBeGreaterThan(0);
  });
});
