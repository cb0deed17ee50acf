/** Reads a model's files from a folder; nothing outside that folder. */
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../lib/failure';
import { LIMITS, readModelJson, shardPaths } from '../../lib/model/bundle';
import { printable } from '../../lib/model/sentences';

const refused = (message: string, cause?: unknown) => new Failure('model-refused', printable(message), { cause });

/** `target`: a folder with model.json, or the model.json itself (any name); `option` is what named it. */
export async function readModelFiles(target: string, option = '--model'): Promise<Map<string, Uint8Array>> {
  const info = await stat(target).catch(() => undefined);
  if (!info) throw refused(`${target} does not exist; ${option} takes a folder with model.json or the file itself`);
  const jsonFile = info.isDirectory() ? path.join(target, 'model.json') : target;
  const folder = path.dirname(jsonFile);
  // A file that was named itself may be a link; those found in a folder are the folder's word.
  const json = await readPart(jsonFile, info.isDirectory() ? folder : undefined, LIMITS.jsonBytes);
  if (!json) throw refused(`${jsonFile} is missing`);
  const files = new Map<string, Uint8Array>([['model.json', json]]);
  const parsed = readModelJson(json);
  if (!parsed.ok) throw new Failure('model-refused', parsed.reasons.join('\n'));
  let total = 0;
  for (const shard of shardPaths(parsed.value)) {
    const bytes = await readPart(path.join(folder, shard), folder, LIMITS.weightBytes - total, total);
    if (!bytes) continue; // a missing one is named by readBundle
    files.set(shard, bytes);
    total += bytes.length;
  }
  return files;
}

/**
 * A file's bytes; undefined if there is none. Where it really lies and its size are looked at before it is read.
 * `before`: bytes of the files read so far, for the sentence.
 */
async function readPart(file: string, folder: string | undefined, limit: number, before = 0): Promise<Uint8Array | undefined> {
  try {
    const real = await realpath(file);
    if (folder !== undefined && !real.startsWith(path.join(await realpath(folder), path.sep)))
      throw refused(`${file} is a link that leads out of the model's folder; put the file itself there`);
    const info = await stat(real);
    if (!info.isFile()) throw refused(`${file} is not a file`);
    if (info.size > limit) {
      const what = before ? `${info.size} bytes long, ${before + info.size} with the weight files before it` : `${info.size} bytes long`;
      throw refused(`${file} is ${what}; at most ${limit + before} are read`);
    }
    return await readFile(real);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw refused(`${file} could not be read: ${(cause as Error).message}`, cause);
  }
}
