/** Makes a folder and those above it. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Not mkdir's own `recursive`, which tries for ever below /proc, where nothing can be made. */
export async function makeFolder(folder: string): Promise<void> {
  const full = path.resolve(/*turbopackIgnore: true*/ folder);
  const isThere = async () => (await stat(full).catch(() => undefined))?.isDirectory() === true;
  if (await isThere()) return;
  if (path.dirname(full) !== full) await makeFolder(path.dirname(full));
  await mkdir(full).catch(async (error) => {
    if (!(await isThere())) throw error; // else another process has been faster
  });
}
