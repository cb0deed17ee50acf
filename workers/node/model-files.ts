/** Reads a model's files from a folder; nothing outside that folder. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../lib/failure';
import { readModelJson, shardPaths } from '../../lib/model/bundle';

/** `target`: a folder with model.json, or the model.json itself (any name). */
export async function readModelFiles(target: string): Promise<Map<string, Uint8Array>> {
  const info = await stat(target).catch(() => undefined);
  if (!info) throw new Failure('model-refused', `${target} does not exist; --model takes a folder with model.json or the file itself`);
  const jsonFile = info.isDirectory() ? path.join(target, 'model.json') : target;
  const folder = path.dirname(jsonFile);
  const json = await readFile(jsonFile).catch(() => {
    throw new Failure('model-refused', `${jsonFile} is missing`);
  });
  const files = new Map<string, Uint8Array>([['model.json', json]]);
  const parsed = readModelJson(json);
  if (!parsed.ok) throw new Failure('model-refused', parsed.reasons.join('\n'));
  for (const shard of shardPaths(parsed.value)) {
    const bytes = await readFile(path.join(folder, shard)).catch(() => undefined);
    if (bytes) files.set(shard, bytes); // a missing one is named by readBundle
  }
  return files;
}
