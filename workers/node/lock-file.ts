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

/** When a process began, in the kernel's own units; undefined where that cannot be seen. Ids are used again, this is not. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** `content`: the process's id and, where it could be seen, its beginning. In a container every start may have the same id. */
async function holderOf(content: string): Promise<number | undefined> {
  const [id, since] = content.split(' ');
  const pid = Number(id);
  if (!(pid > 0) || !isAlive(pid)) return undefined;
  const begun = await beginningOf(pid);
  return since === undefined || begun === undefined || begun === since ? pid : undefined;
}

/** Returns what gives the file free again. A lock whose process has ended is taken over. */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const lock = `${file}.lock`;
  const own = [process.pid, await beginningOf(process.pid)].filter(Boolean).join(' ');
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(lock, own, { flag: 'wx' });
      return () => rm(lock, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new Failure('arguments', `${lock} could not be written: ${(cause as Error).message}`, { cause });
      const holder = await holderOf(await readFile(lock, 'utf8').catch(() => ''));
      if (holder) throw new Failure('arguments', `${file} is in use by process ${holder}; if that is another program, remove ${lock}`);
      await rm(lock, { force: true });
    }
  }
  throw new Failure('arguments', `${file} is in use by another process`);
}
