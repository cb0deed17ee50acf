/** What a training leaves beside its model, so that it can go on after the last epoch: momentum, as float32 little-endian. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../lib/failure';
import type { TrainableNetwork } from '../../lib/training/network';
import type { EpochResult } from '../../lib/training/train';

export const STATE_FILE = 'training.bin';

export function stateBytes(velocities: readonly Float32Array[]): Uint8Array {
  const all = new Float32Array(velocities.reduce((n, v) => n + v.length, 0));
  let at = 0;
  for (const v of velocities) {
    all.set(v, at);
    at += v.length;
  }
  return new Uint8Array(all.buffer);
}

export async function readVelocities(folder: string, network: TrainableNetwork): Promise<Float32Array[]> {
  const file = path.join(folder, STATE_FILE);
  const bytes = await readFile(file).catch((cause) => {
    throw new Failure('arguments', `--resume: ${file} could not be read; a training that came to its end leaves none`, { cause });
  });
  const sizes = network.parameters.map((p) => p.value.size);
  const expected = 4 * sizes.reduce((a, b) => a + b, 0);
  if (bytes.length !== expected) throw new Failure('arguments', `--resume: ${file} has ${bytes.length} bytes; ${expected} are expected`);
  const all = new Float32Array(Uint8Array.from(bytes).buffer);
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return all.slice(at - size, at);
  });
}

/** The epochs that were done, if the training was begun with the same settings; else the first setting that differs is named. */
export function epochsDone(stored: Record<string, unknown> | undefined, wanted: Record<string, unknown>): EpochResult[] {
  if (!stored || !Array.isArray(stored.history)) throw new Failure('arguments', '--resume: the model there was not written by train');
  for (const name of Object.keys({ ...stored, ...wanted })) {
    const [there, now] = [JSON.stringify(stored[name]), JSON.stringify(wanted[name])];
    if (name !== 'history' && there !== now)
      throw new Failure(
        'arguments',
        `--resume: the training was begun with ${name} ${there ?? 'not given'}, now it is ${now ?? 'not given'}`,
      );
  }
  return stored.history as EpochResult[];
}
