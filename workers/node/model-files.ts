/** Reads a model's files from a folder; nothing outside that folder. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../lib/failure';
import { LIMITS, readModelJson, shardPaths } from '../../lib/model/bundle';

/** `target`: a folder with model.json, or the model.json itself (any name). */
export async function readModelFiles(target: string): Promise<Map<string, Uint8Array>> {
  const info = await stat(target).catch(() => undefined);
  if (!info) throw new Failure('model-refused', `${target} does not exist; --model takes a folder with model.json or the file itself`);
  const jsonFile = info.isDirectory() ? path.join(target, 'model.json') : target;
  const folder = path.dirname(jsonFile);
  const json = await readPart(jsonFile, LIMITS.jsonBytes);
  if (!json) throw new Failure('model-refused', `${jsonFile} is missing`);
  const files = new Map<string, Uint8Array>([['model.json', json]]);
  const parsed = readModelJson(json);
  if (!parsed.ok) throw new Failure('model-refused', parsed.reasons.join('\n'));
  for (const shard of shardPaths(parsed.value)) {
    const bytes = await readPart(path.join(folder, shard), LIMITS.weightBytes);
    if (bytes) files.set(shard, bytes); // a missing one is named by readBundle
  }
  return files;
}

/** A file's bytes; undefined if there is none. Its size is looked at before it is read. */
async function readPart(file: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(file);
    if (size > limit) throw new Failure('model-refused', `${file} is ${size} bytes long; at most ${limit} are read`);
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Failure('model-refused', `${file} could not be read: ${(cause as Error).message}`, { cause });
  }
}
