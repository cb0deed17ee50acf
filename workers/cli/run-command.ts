/** What the commands that measure share: Ctrl-C, failures as sentences, exit codes (contract §4). */
import { Failure } from '../../lib/failure';

const EXIT: Record<Failure['code'], number> = {
  arguments: 2,
  'model-refused': 3,
  'data-unavailable': 4,
  'data-damaged': 4,
  'device-lost': 5,
  'out-of-memory': 5,
  'computation-failed': 5,
  'does-not-hold': 1,
  stopped: 130,
};

async function outcome(work: (signal: AbortSignal) => Promise<void>): Promise<number> {
  // A write says itself that it failed; without a listener the stream would end the process besides.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stop = new AbortController();
  let asked = Number.POSITIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // npm passes on the Ctrl-C that the terminal has sent already; one that comes later means: at once.
      if (performance.now() - asked > 1000) process.exit(EXIT.stopped);
      asked = Math.min(asked, performance.now());
      stop.abort();
    });
  }
  try {
    await work(stop.signal);
    return 0;
  } catch (error) {
    const failure =
      error instanceof Failure
        ? error
        : new Failure('computation-failed', `the computation failed: ${(error as Error).message}`, { cause: error });
    process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${failure.message}\n`);
    if (!(error instanceof Failure) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return EXIT[failure.code];
  }
}

/** Runs a command to its end, and ends the process: handlers that tfjs' wasm module installs would keep it alive. */
export async function runCommand(work: (signal: AbortSignal) => Promise<void>): Promise<never> {
  process.exit(await outcome(work));
}
