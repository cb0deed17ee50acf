/** A command as a process of its own: its signals, its streams, its exit code. */

/** Ended by a second signal. */
const STOPPED = 130;

/**
 * Ctrl-C and SIGTERM abort the signal; a second one ends the process at once. Otherwise it ends with the number that comes of
 * the work: handlers that tfjs' wasm module installs would keep it alive.
 */
export async function untilStopped(work: (signal: AbortSignal) => Promise<number>): Promise<never> {
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
  try {
    process.exit(await work(stop.signal));
  } catch (error) {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(1);
  }
}
