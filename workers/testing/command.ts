/** A command as its users run it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface Ended {
  /** `null` where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves when stderr holds the text. */
  said(text: string, limitMs?: number): Promise<void>;
}

interface Options {
  env?: Record<string, string>;
  /** A descriptor for stdout. */
  out?: 'pipe' | number;
  /** Folder of `workers` that has it. */
  room?: 'cli' | 'runner';
  /** Another folder than one of those, from the root. */
  folder?: string;
  /** Sees what stderr says so far, and may send a signal. */
  when?: (said: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Starts a file of `workers` without this machine's data sets and drivers; what it keeps goes to `dataDir`. */
export function startCommand(
  name: string,
  args: readonly string[],
  dataDir: string,
  { env, out = 'pipe', room = 'cli', folder = `workers/${room}`, when }: Options = {},
): Started {
  const { DATASETS_DIR: _, VK_ICD_FILENAMES: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ['scripts/run.mjs', `${folder}/${name}.ts`, ...args], {
    cwd: ROOT,
    env: { ...inherited, DATA_DIR: dataDir, ...env },
    stdio: ['ignore', out, 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    when?.(stderr, (signal) => child.kill(signal));
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  const said = async (text: string, limitMs = 30_000) => {
    for (let wait = 0; !stderr.includes(text); wait++) {
      if (wait * 50 > limitMs) throw new Error(`expected "${text}" on stderr, got ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { child, ended, said };
}

/** Runs it to its end. */
export const runCommand = (name: string, args: readonly string[], dataDir: string, when?: Options['when']): Promise<Ended> =>
  startCommand(name, args, dataDir, when ? { when } : {}).ended;
