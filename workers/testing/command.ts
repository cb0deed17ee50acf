/** A command as its users run it: a process of its own. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface Ended {
  /** `null` where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a file of `workers/cli` without this machine's data sets and drivers; what it keeps goes to `dataDir`. `when` sees what
 * stderr says so far, and may send a signal.
 */
export function runCommand(
  name: string,
  args: readonly string[],
  dataDir: string,
  when?: (said: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const { DATASETS_DIR: _, VK_ICD_FILENAMES: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ['scripts/run.mjs', `workers/cli/${name}.ts`, ...args], {
    cwd: ROOT,
    env: { ...inherited, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    when?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}
