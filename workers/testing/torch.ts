/** PyTorch on this machine, where a Python with torch is found; in a process of its own. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The first Python that imports torch: PYTHON, python3, then the system's own. */
export async function findTorch(): Promise<string | null> {
  for (const python of [process.env.PYTHON, 'python3', '/usr/bin/python3']) {
    if (!python) continue;
    const found = await run(python, ['-c', 'import torch, numpy']).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  return null;
}

/** Runs one of our Python files, named from the checkout's root, and returns what it says. Leaves no compiled files. */
export async function runPython(python: string, file: string, ...args: string[]): Promise<string> {
  const root = path.resolve(import.meta.dirname, '../..');
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  return (await run(python, [path.join(root, file), ...args], { env })).stdout;
}
