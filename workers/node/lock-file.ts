/** One process at a time on a file: a second one beside it names who has it. */
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { Failure } from '../../lib/failure';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Locks of this process. A lock with its number that is not among them was left by another that had the same. */
const held = new Set<string>();

/** When a process began, in the kernel's own units; undefined where that can't be seen. Ids are used again, this is not. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Why a lock holds; undefined if whoever made it has ended. */
async function holder(lock: string): Promise<string | undefined> {
  const [pid, host, since] = (await readFile(lock, 'utf8').catch(() => '')).split('\n');
  const id = Number(pid);
  if (!(id > 0)) return undefined;
  if (host && host !== os.hostname()) return `on ${host}`;
  const begun = await beginningOf(id);
  const another = since && begun && since !== begun;
  const holds = id === process.pid ? held.has(lock) : isAlive(id) && !another;
  return holds ? `by process ${pid}` : undefined;
}

/** Returns what gives the file free again. A lock whose process has ended is taken over. */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const lock = `${file}.lock`;
  const own = `${lock}.${process.pid}`;
  try {
    // Linked in one step: nobody sees a lock that does not say yet whose it is.
    await writeFile(own, `${process.pid}\n${os.hostname()}\n${(await beginningOf(process.pid)) ?? ''}\n`);
    for (let attempt = 0; attempt < 3; attempt++) {
      const taken = await link(own, lock).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
          return false;
        },
      );
      if (taken) {
        held.add(lock);
        return async () => {
          held.delete(lock);
          await rm(lock, { force: true });
        };
      }
      const who = await holder(lock);
      if (who) throw new Failure('arguments', `${file} is in use ${who}; if it is not, remove ${lock}`);
      await rm(lock, { force: true });
    }
    throw new Failure('arguments', `${file} is in use by another process`);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('arguments', `${lock} could not be written: ${(cause as Error).message}`, { cause });
  } finally {
    await rm(own, { force: true });
  }
}
