/** A production site of a benchmark's own, on this machine, with an empty data directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../scripts/address.mjs';

async function start(port: number, data: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    // Its visitors come from addresses that they name themselves.
    env: { ...process.env, PORT: String(port), DATA_DIR: data, TRUSTED_PROXIES: '1', RUNNER: 'off' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (text) => String(text).includes('Simplexity is at') && resolve());
    child.once('exit', () => reject(new Error('the site did not start')));
  });
  return child;
}

export async function withSite(work: (site: string) => Promise<void>): Promise<void> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'simplexity-bench-'));
  const port = await freePort();
  const child = await start(port, data);
  try {
    await work(`http://localhost:${port}`);
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    await rm(data, { recursive: true, force: true });
  }
}
