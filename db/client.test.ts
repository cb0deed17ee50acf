/** The embedded database belongs to one process at a time, and outlives its death. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isReachable, openDatabase } from './client';
import { users } from './schema';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-embedded-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process of its own that opens the folder: the account that it added, or why it could not. */
function another() {
  const child = spawn(process.execPath, ['--import', 'tsx', 'db/testing/hold-database.ts', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const said = new Promise<{ holds?: string; refused?: string }>((resolve) => {
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => resolve({ holds: text.slice('holds '.length).trim() }));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', () => resolve({ refused: stderr }));
  });
  return { child, said };
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.once('close', resolve));

describe('the embedded database', () => {
  it('refuses a second process, naming the folder and who has it; the first goes on', async () => {
    const { db, close } = await openDatabase({ driver: 'pglite', folder });
    const second = await another().said;
    expect(second.refused).toMatch(
      new RegExp(`^${folder} is in use by the server on port \\d+ \\(process ${process.pid}\\); stop it, or set`),
    );
    expect(await isReachable(db)).toBe(true);
    await close();
    expect((await another().said).holds, 'closed, it is free again').toBeTruthy();
  });

  it('is whole after a kill -9: what was committed is there, and the dead process’ lock is nobody’s', async () => {
    const first = another();
    const { holds } = await first.said;
    expect(holds).toBeTruthy();
    await expect(openDatabase({ driver: 'pglite', folder })).rejects.toThrow(`(process ${first.child.pid})`);
    first.child.kill('SIGKILL');
    await ended(first.child);
    const { db, close } = await openDatabase({ driver: 'pglite', folder });
    expect((await db.select({ id: users.id }).from(users)).map((u) => u.id)).toEqual([holds]);
    await close();
  });

  it('is migrated whenever it is opened; the second time there is nothing to do', async () => {
    for (let i = 0; i < 2; i++) {
      const { db, driver, close } = await openDatabase({ driver: 'pglite', folder });
      expect(driver).toBe('pglite');
      expect(await db.select().from(users)).toEqual([]);
      await close();
    }
  });

  it('is not opened while the site is built, which happens in several processes', async () => {
    process.env.NEXT_PHASE = 'phase-production-build';
    await expect(openDatabase({ driver: 'pglite', folder })).rejects.toThrow('the embedded database was opened during next build');
    delete process.env.NEXT_PHASE;
  });
});

it('a server that does not answer is not reachable', async () => {
  const { db, close } = await openDatabase({ driver: 'pg', url: 'postgresql://test@127.0.0.1:1/postgres' });
  expect(await isReachable(db)).toBe(false);
  await close();
});
