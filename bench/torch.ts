/** PyTorch's rate, in a process of its own with all its threads. */
import { runPython } from '../workers/testing/torch';

export interface TorchRate {
  torch: string;
  threads: number;
  stepsPerSecond: number;
  /** Forward passes alone. */
  forwardsPerSecond: number;
}

export async function torchRate(python: string, model: string, batch: number, rounds: number): Promise<TorchRate> {
  return JSON.parse(await runPython(python, 'bench/torch_steps.py', model, String(batch), String(rounds)));
}
