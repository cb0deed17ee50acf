import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir, prepareDataDir, readSecret } from './data-dir.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-data-dir-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockFile = () => path.join(folder, 'lock');
const holder = () => JSON.parse(readFileSync(lockFile(), 'utf8'));

/** Another process, and what it would have written into its lock. */
async function otherProcess() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); process.stdout.write("up")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return { child, pid: child.pid as number };
}

describe('lockDataDir', () => {
  it('names its holder, and is gone after release', () => {
    const lock = lockDataDir(folder, 3000);
    expect(lock.stale).toBe(false);
    expect(holder()).toMatchObject({ pid: process.pid, port: 3000 });
    lock.release();
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses while the holder lives, and takes over when it has been killed', async () => {
    const { child, pid } = await otherProcess();
    writeFileSync(lockFile(), JSON.stringify({ pid, port: 4711 }));
    expect(() => lockDataDir(folder, 3000)).toThrow(`in use by the server on port 4711 (process ${pid})`);
    expect(readdirSync(folder)).toEqual(['lock']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = lockDataDir(folder, 3000);
    expect(lock.stale).toBe(true);
    expect(holder().pid).toBe(process.pid);
    lock.release();
  });

  it.runIf(process.platform === 'linux')('takes over when the id belongs to a younger process now', async () => {
    const { child, pid } = await otherProcess();
    writeFileSync(lockFile(), JSON.stringify({ pid, port: 4711, since: '1' }));
    lockDataDir(folder, 3000).release();
    child.kill('SIGKILL');
  });

  it('takes over its own id (a container restarted) and what nobody of ours has written', () => {
    writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, port: 1 }));
    lockDataDir(folder, 3000).release();
    for (const text of ['', 'nonsense', '{"pid":-1}', '{"pid":"7"}']) {
      writeFileSync(lockFile(), text);
      lockDataDir(folder, 3000).release();
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves a lock alone that somebody else has taken since', async () => {
    const lock = lockDataDir(folder, 3000);
    writeFileSync(lockFile(), JSON.stringify({ pid: 1, port: 2 }));
    lock.release();
    expect(holder().pid).toBe(1);
  });
});

describe('prepareDataDir', () => {
  it('makes a folder that only its owner may enter', () => {
    const made = prepareDataDir(folder, { DATA_DIR: 'deep/data' });
    expect(made).toBe(path.join(folder, 'deep/data'));
    if (process.platform !== 'win32') expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it.runIf(existsSync('/proc/self'))('says so, soon, where the system lets nobody make a folder', () => {
    expect(() => prepareDataDir(folder, { DATA_DIR: '/proc/simplexity/data' })).toThrow(
      /^the data directory \/proc\/simplexity\/data could not be made \(DATA_DIR\): ENOENT/,
    );
  });

  it('says which folder could not be made', () => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(() => prepareDataDir(folder, { DATA_DIR: 'file/data' })).toThrow(/data directory .*file\/data could not be made/);
  });
});

describe('readSecret', () => {
  it('generates one that stays, in a file only its owner may read', () => {
    const secret = readSecret(folder, {});
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(readSecret(folder, {})).toBe(secret);
    expect(readdirSync(folder)).toEqual(['secrets.json']);
    if (process.platform !== 'win32') expect(statSync(path.join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it.each(['DATABASE_URL', 'POSTGRES_URL', 'VERCEL'])('wants it from the environment where %s is set', (name) => {
    expect(() => readSecret(folder, { [name]: '1' })).toThrow(`${name} is set, so SIMPLEXITY_SECRET must be too`);
    expect(readSecret(folder, { [name]: '1', SIMPLEXITY_SECRET: 'given' })).toBe('given');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not replace a damaged file by itself', () => {
    writeFileSync(path.join(folder, 'secrets.json'), '{"SIMPL');
    expect(() => readSecret(folder, {})).toThrow(/secrets\.json is damaged/);
    expect(readFileSync(path.join(folder, 'secrets.json'), 'utf8')).toBe('{"SIMPL');
  });
});
