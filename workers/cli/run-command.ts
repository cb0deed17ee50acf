/** What the commands that measure share: Ctrl-C, failures as sentences, exit codes (contract §4). */
import { Failure } from '../../lib/failure';
import { untilStopped } from '../node/until-stopped';

const EXIT: Record<Failure['code'], number> = {
  arguments: 2,
  'model-refused': 3,
  'data-unavailable': 4,
  'data-damaged': 4,
  'device-lost': 5,
  'out-of-memory': 5,
  'computation-failed': 5,
  diverged: 5,
  'does-not-hold': 1,
  stopped: 130,
};

/** Runs a command to its end, and ends the process: with what it returns, else with 0. */
export function runCommand(work: (signal: AbortSignal) => Promise<number | undefined> | Promise<void>): Promise<never> {
  return untilStopped(async (signal) => {
    try {
      return (await work(signal)) ?? 0;
    } catch (error) {
      const failure =
        error instanceof Failure
          ? error
          : new Failure('computation-failed', `the computation failed: ${(error as Error).message}`, { cause: error });
      process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${failure.message}\n`);
      if (!(error instanceof Failure) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
      return EXIT[failure.code];
    }
  });
}
