/** Blobs in a folder: written under a temporary name, moved when whole. */
import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Blobs, blobKey, storeFailure } from './blobs';

export function folderBlobs(folder: string): Blobs {
  const place = (sha256: string) => path.join(folder, blobKey(sha256));
  const has = (sha256: string) =>
    access(place(sha256)).then(
      () => true,
      () => false,
    );
  return {
    has,
    async put(sha256, bytes) {
      const target = place(sha256);
      if (await has(sha256)) return;
      const temporary = `${target}.${randomUUID()}.tmp`;
      try {
        await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
        await writeFile(temporary, bytes, { mode: 0o600 });
        await rename(temporary, target);
      } catch (error) {
        await rm(temporary, { force: true });
        throw storeFailure('stored', error);
      }
    },
    async get(sha256) {
      try {
        return new Uint8Array(await readFile(place(sha256)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw storeFailure('read', error);
      }
    },
    delete: (sha256) => rm(place(sha256), { force: true }),
  };
}
