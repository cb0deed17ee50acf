/** PyTorch on this machine, where a Python with torch is found; its own process, all its threads. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TorchRate {
  torch: string;
  threads: number;
  stepsPerSecond: number;
}

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

export async function torchRate(python: string, model: string, batch: number, rounds: number): Promise<TorchRate> {
  const { stdout } = await run(python, [path.join(import.meta.dirname, 'torch_steps.py'), model, String(batch), String(rounds)]);
  return JSON.parse(stdout);
}
