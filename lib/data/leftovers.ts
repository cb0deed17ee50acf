/** Half-written files carry their writer's process id; those of processes that are gone are removed. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** `name.<process id>.<what>` beside `name`. */
export const unfinishedName = (name: string) => `${name}.${process.pid}.part`;

/** A new empty folder beside `target`, with the process id in its name. */
export const unfinishedFolder = (target: string) => mkdtemp(`${target}.${process.pid}.part-`);

export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(/\.(\d+)\.part(-\w+)?$/.exec(name)?.[1]);
    if (pid > 0 && isGone(pid)) await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
