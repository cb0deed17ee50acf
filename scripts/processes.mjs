/** Child processes of the scripts: run to the end with a time limit, or stopped politely and then firmly. */
import { spawn } from 'node:child_process';

const ownGroup = process.platform !== 'win32';

/** Signals a child that was started detached, and whatever it has started in turn. */
function signalGroup(child, signal) {
  if (!ownGroup || child.pid === undefined) return child.kill(signal);
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false; // nobody is left
  }
}

/**
 * Runs a program in a process group of its own, so that a signal to us reaches it once and none of it outlives us.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, stdio?: import('node:child_process').StdioOptions, limitMs?: number }} [options]
 *   `stdio`: by default nothing is read and both outputs go to this process' stderr.
 * @returns {Promise<{ code: number, output: string, timedOut: boolean }>} `output`: what came through pipes, at most its last 100 000 characters.
 */
export function runToEnd(command, args, { cwd, env, stdio = ['ignore', 2, 2], limitMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio, shell: needsShell(command), detached: ownGroup });
    let output = '';
    let timedOut = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-100_000);
      });
    }
    let firmly;
    const end = (signal) => {
      signalGroup(child, signal);
      firmly ??= setTimeout(() => signalGroup(child, 'SIGKILL'), 8000);
    };
    const limit = limitMs
      ? setTimeout(() => {
          timedOut = true;
          end('SIGINT'); // the signal that test runners clear up on
        }, limitMs)
      : undefined;
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, end);
    const finish = (code) => {
      clearTimeout(limit);
      clearTimeout(firmly);
      for (const signal of signals) process.off(signal, end);
      if (firmly) signalGroup(child, 'SIGKILL'); // what its parent has left behind
      resolve({ code, output, timedOut });
    };
    child.on('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.on('exit', () => {
      if (firmly) signalGroup(child, 'SIGKILL'); // or a grandchild would keep the pipes open
    });
    child.on('close', (code, signal) => finish(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1)));
  });
}

/** Windows starts .cmd files through its shell only. */
const needsShell = (command) => process.platform === 'win32' && command.endsWith('.cmd');

/** The npm that called us, else the one on the path: [command, …first arguments]. */
export function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli)) return [process.execPath, cli];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/**
 * SIGTERM, and SIGKILL for it and its group if that is not heard in time. Resolves when the process is gone.
 * @param {import('node:child_process').ChildProcess} child started detached (but on Windows)
 */
export function stop(child, graceMs = 5000) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const firmly = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(firmly);
      resolve(undefined);
    });
    child.kill('SIGTERM');
  });
}

/** A sentence for the person at the terminal; entry points print it without a stack. */
export class Refusal extends Error {}

/** Runs an entry point's main function: its number is the exit code, a Refusal is said and ends with 1. */
export function finishWith(main) {
  main().then(
    (code) => process.exit(code ?? 0),
    (error) => {
      process.stderr.write(`${error instanceof Refusal ? error.message : (error?.stack ?? error)}\n`);
      process.exit(1);
    },
  );
}
