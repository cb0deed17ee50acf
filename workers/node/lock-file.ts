/** One process at a time on a file: a second one beside it names who has it. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { Failure } from '../../lib/failure';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Returns what gives the file free again. A lock whose process has ended is taken over. */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const lock = `${file}.lock`;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return () => rm(lock, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new Failure('arguments', `${lock} could not be written: ${(cause as Error).message}`, { cause });
      const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
      if (holder > 0 && isAlive(holder))
        throw new Failure('arguments', `${file} is in use by process ${holder}; if that is another program, remove ${lock}`);
      await rm(lock, { force: true });
    }
  }
  throw new Failure('arguments', `${file} is in use by another process`);
}
