/** A Next server as a child process on our data directory: locked, watched, and stopped with us. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { busyReason, localUrlOf, readAddress, secureContextNote, urlOf } from './address.mjs';
import { NEXT } from './build.mjs';
import { readTrustedProxies } from './client-address.mjs';
import { lockDataDir, prepareDataDir, readSecret } from './data-dir.mjs';
import { runLocally } from './local-runner.mjs';
import { Refusal, stop } from './processes.mjs';
import { keepUp } from './upkeep.mjs';

const say = (line) => process.stderr.write(`${line}\n`);

/** What `next` says of itself when it starts; the one line with the address is ours. */
const BANNER = /^\s*(▲ Next\.js|- (Local|Network|Environments|Experiments)|✓ (Starting|Ready|Running next.config)|$)/;

/**
 * @param {'start' | 'dev'} command
 * @param {() => Promise<void>} prepare what has to be done before the server starts; the address and the lock are ours by then
 * @returns {Promise<number>} exit code
 */
export async function serve(root, command, prepare) {
  const address = readAddress();
  const folder = prepareDataDir(root);
  const lock = lockDataDir(folder, address.port);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort());
  process.on('exit', lock.release);
  try {
    // A killed server's child lets go of the port a moment later.
    let busy = await busyReason(address);
    for (let wait = 0; busy && lock.stale && wait < 30; wait++) {
      await sleep(100);
      busy = await busyReason(address);
    }
    if (busy) throw new Refusal(busy);
    const secret = readSecret(folder);
    readTrustedProxies(process.env.TRUSTED_PROXIES); // one that is off is said before anything starts
    await prepare().catch((error) => {
      if (!stopping.signal.aborted) throw error;
    });
    if (stopping.signal.aborted) return 0;
    return await runServer(root, command, address, { DATA_DIR: folder, SIMPLEXITY_SECRET: secret }, stopping.signal);
  } finally {
    lock.release();
  }
}

async function runServer(root, command, address, env, signal) {
  const { DATASETS_DIR } = process.env;
  const CRON_SECRET = process.env.CRON_SECRET || randomBytes(24).toString('hex');
  const ownGroup = process.platform !== 'win32';
  const preloaded = ['leash', 'client-address'].map((name) => pathToFileURL(path.join(root, `scripts/${name}.mjs`)).href);
  const child = spawn(
    process.execPath,
    [...preloaded.flatMap((file) => ['--import', file]), NEXT, command, '-H', address.host, '-p', String(address.port)],
    {
      cwd: root,
      env: {
        ...process.env,
        ...env,
        CRON_SECRET,
        ...(DATASETS_DIR ? { DATASETS_DIR: path.resolve(DATASETS_DIR) } : {}),
        NEXT_TELEMETRY_DISABLED: '1',
        SIMPLEXITY_SERVER: '1',
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      detached: ownGroup, // a terminal's Ctrl-C comes to us, and reaches the server once
    },
  );
  createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdout) }).on('line', (line) => {
    if (!BANNER.test(line)) process.stdout.write(`${line}\n`);
  });
  const ended = new Promise((resolve) => {
    child.once('exit', (code, by) => resolve(code ?? by));
  });
  /** The runner goes first: it hands its job back to the server. */
  let runner = Promise.resolve();
  const over = new AbortController();
  const stopAll = () => void runner.then(() => stop(child));
  signal.addEventListener('abort', stopAll);
  if (signal.aborted) stopAll();
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  while (!gone && !(await answers(address))) await sleep(100);
  if (!gone && !signal.aborted) {
    const note = secureContextNote(address);
    process.stdout.write(`Simplexity is at ${urlOf(address)}${note ? ` (${note})` : ''}\n`);
    if (command === 'start') {
      const { DATA_DIR: folder, SIMPLEXITY_SECRET: secret } = env;
      const until = AbortSignal.any([signal, over.signal]);
      runner = runLocally({ root, server: localUrlOf(address), folder, secret, signal: until });
      void keepUp({ server: localUrlOf(address), secret: CRON_SECRET, signal: until, say });
    }
  }
  const code = await ended;
  over.abort();
  await runner;
  if (signal.aborted) return 0;
  say(`the server ended by itself (${code})`);
  return 1;
}

/** Any answer will do, an error page too. */
function answers({ host, port }) {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new Promise((resolve) => {
    // No kept connection: the server would wait for its end when it is stopped.
    const request = get({ host: name, port, path: '/', agent: false, timeout: 30_000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
