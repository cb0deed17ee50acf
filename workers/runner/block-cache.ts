/** Blocks of data sets in a folder, each in a file named by its SHA-256. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BlockCache } from '../site-data';

export async function folderBlocks(folder: string): Promise<BlockCache> {
  await mkdir(folder, { recursive: true });
  const fileOf = (sha256: string) => path.join(folder, sha256);
  return {
    get: async (sha256) => {
      const kept = await readFile(fileOf(sha256)).catch(() => undefined);
      return kept && new Uint8Array(kept);
    },
    put: async (sha256, block) => {
      const temporary = `${fileOf(sha256)}.${process.pid}.tmp`;
      await writeFile(temporary, block);
      await rename(temporary, fileOf(sha256));
    },
  };
}
