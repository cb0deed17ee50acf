/** The entries of a tar.gz file, one after another, from a stream. Names are only compared, never used as paths. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { Failure } from '../failure';

export interface TarEntry {
  /** As it stands in the archive, without a leading `./`. */
  name: string;
  /** `file`, `directory`, `symlink`, … */
  type: string;
  size: number;
  /** The content; refused if the entry says that it is longer than `limit`. */
  bytes(limit: number): Promise<Uint8Array>;
}

/** Calls `visit` for every entry; what it does not read is skipped. `file` is how sentences call the archive. */
export async function readTarGz(
  directory: string,
  file: string,
  visit: (entry: TarEntry) => Promise<void> | void,
  signal?: AbortSignal,
): Promise<void> {
  const extract = tar.extract();
  const reading = (async () => {
    for await (const entry of extract) {
      const { name, type, size = 0 } = entry.header;
      await visit({
        name: name.replace(/^(\.\/)+/, ''),
        type: type ?? 'file',
        size,
        async bytes(limit) {
          if (size > limit) throw new Failure('data-damaged', `${name} in ${file} is ${size} bytes long, at most ${limit} expected`);
          const out = new Uint8Array(size);
          let at = 0;
          for await (const part of entry) {
            out.set(part as Buffer, at);
            at += (part as Buffer).length;
          }
          return out;
        },
      });
      entry.resume();
    }
  })();
  const archive = createReadStream(path.join(directory, file));
  const [piped, read] = await Promise.allSettled([pipeline(archive, createGunzip(), extract, { signal }), reading]);
  if (signal?.aborted) throw new Failure('stopped', 'stopped');
  if (read.status === 'rejected' && read.reason instanceof Failure) throw read.reason;
  const cause = [piped, read].find((r) => r.status === 'rejected')?.reason as Error | undefined;
  if (cause) throw new Failure('data-damaged', `${file} is not a complete tar.gz archive: ${cause.message}`, { cause });
}
