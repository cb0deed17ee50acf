/** `npm run -s submit`: a model's files to a site, over its public API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { writeOut } from './outputs';
import { submitCommand } from './submit-command';

const STOPPED = 130;

async function main(): Promise<number> {
  // A write says itself that it failed; without a listener the stream would end the process besides.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stop = new AbortController();
  let asked = Number.POSITIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // npm passes on the Ctrl-C that the terminal has sent already; one that comes later means: at once.
      if (performance.now() - asked > 1000) process.exit(STOPPED);
      asked = Math.min(asked, performance.now());
      stop.abort();
    });
  }
  return submitCommand(process.argv.slice(2), {
    env: process.env,
    fetch,
    signal: stop.signal,
    stdout: writeOut,
    stderr: process.stderr,
    wait: async (ms, signal) => void (await sleep(ms, undefined, { signal })),
  });
}

void main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
