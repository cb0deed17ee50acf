/** The runner that `npm start` brings along: on wasm, nice, one job at a time, over HTTP like any other. `RUNNER=off`: none. */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { stop } from './processes.mjs';

const say = (line) => process.stderr.write(`${line}\n`);

/** Ends it when this process is gone, however that happened. */
const LEASH = new URL('./leash.mjs', import.meta.url).href;
const ARGUMENTS = ['--name', 'local runner', '--backend', 'wasm', '--quiet'];

/** Gives its memory and time to others first. */
const NICE = 15;
/** A runner that ended by itself is started again after this long. */
const AGAIN_MS = 60_000;
/** Handing its job back takes a moment. */
const GRACE_MS = 8000;

/** What a site knows its own runner by; whoever has the site's secret can make it, nobody else. */
export const localRunnerToken = (secret) =>
  `local_${createHmac('sha256', secret).update('the local runner of this installation').digest('hex')}`;

/**
 * @param {{ root: string, server: string, folder: string, secret: string, signal: AbortSignal }} site
 * @returns {Promise<void>} resolves when the signal was given and the runner has handed back its job
 */
export async function runLocally({ root, server, folder, secret, signal }) {
  if (process.env.RUNNER === 'off') return;
  while (!signal.aborted) {
    const child = spawn(
      process.execPath,
      ['--import', LEASH, 'scripts/run.mjs', 'workers/runner/main.ts', '--server', server, '--insecure', ...ARGUMENTS],
      {
        cwd: root,
        // The token in the environment: other users of this machine don't see it there.
        env: { ...process.env, SIMPLEXITY_TOKEN: localRunnerToken(secret), DATA_DIR: folder },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        detached: process.platform !== 'win32',
      },
    );
    const ended = new Promise((resolve) => {
      child.once('exit', (code) => resolve(code));
      child.once('error', () => resolve(undefined));
    });
    try {
      if (child.pid !== undefined) setPriority(child.pid, NICE);
    } catch {
      // Where it may not be, it is not.
    }
    const stopped = new Promise((resolve) => {
      if (signal.aborted) resolve(stop(child, GRACE_MS));
      else signal.addEventListener('abort', () => resolve(stop(child, GRACE_MS)), { once: true });
    });
    const code = await Promise.race([ended, stopped]);
    if (signal.aborted) {
      await stopped;
      return;
    }
    say(`the local runner ended by itself (${code}); it is started again in a minute (RUNNER=off: not at all)`);
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}
