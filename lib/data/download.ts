/** Fetches one official file into a folder, checked against its published checksum before it gets its name. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Failure } from '../failure';
import { removeLeftovers, unfinishedName } from './leftovers';
import { makeFolder } from './make-folder';
import type { OfficialFile } from './official';

/** `where`: why the file has to be fetched, for the sentence that is shown if it can't be. */
export async function download(
  file: OfficialFile,
  folder: string,
  log: ((line: string) => void) | undefined,
  where: string,
  signal?: AbortSignal,
): Promise<void> {
  const target = path.join(folder, file.path);
  const partial = unfinishedName(target);
  await makeFolder(path.dirname(target));
  await removeLeftovers(path.dirname(target));
  log?.(`fetching ${file.url}`);
  const hash = createHash('md5');
  try {
    const response = await fetch(file.url, { signal });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream),
      async function* (parts) {
        for await (const part of parts) {
          hash.update(part as Buffer);
          yield part;
        }
      },
      createWriteStream(partial),
      { signal },
    );
  } catch (cause) {
    await rm(partial, { force: true });
    if (signal?.aborted) throw new Failure('stopped', 'stopped', { cause });
    const reason = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause);
    throw new Failure('data-unavailable', `${where}, and ${file.url} could not be fetched: ${reason}`, { cause });
  }
  const md5 = hash.digest('hex');
  if (md5 !== file.md5) {
    await rm(partial, { force: true });
    throw new Failure('data-damaged', `${file.url}: the bytes have MD5 ${md5}, the publisher says ${file.md5}`);
  }
  await rename(partial, target);
}
