/** Blobs in a folder: written under a temporary name, moved when whole. */
import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Blobs, blobKey, storeFailure } from './blobs';

export function folderBlobs(folder: string): Blobs {
  const place = (sha256: string) => path.join(folder, blobKey(sha256));
  const isFile = (file: string) =>
    access(file).then(
      () => true,
      () => false,
    );
  return {
    has: async (sha256) => isFile(place(sha256)),
    async put(sha256, bytes) {
      const target = place(sha256);
      if (await isFile(target)) return;
      const temporary = `${target}.${randomUUID()}.tmp`;
      try {
        await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
        await writeFile(temporary, bytes, { mode: 0o600 });
        await rename(temporary, target);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined); // what went wrong first is what is told
        throw storeFailure('stored', error);
      }
    },
    async get(sha256) {
      const file = place(sha256);
      try {
        return new Uint8Array(await readFile(file));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw storeFailure('read', error);
      }
    },
    async delete(sha256) {
      await rm(place(sha256), { force: true }).catch((error) => {
        throw storeFailure('removed', error);
      });
    },
  };
}
