/**
 * What has come of a file that is being fetched: a folder `<file>.<process id>.get-<n>` with the bytes and where they are from.
 * It belongs to one process and survives it; the next one takes it over by giving it its own id, which only one can do.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isGone } from './leftovers';

const originSchema = z.object({ url: z.string(), validator: z.string().min(1) });
/** `validator`: an ETag or a date by which the server can tell whether the file is still the same. */
export type Origin = z.infer<typeof originSchema>;

// A bundled server may hold this module more than once; the folders in use are the process's.
const KEY = Symbol.for('simplexity.partial-files');
const globals = globalThis as unknown as { [KEY]?: Set<string> };
globals[KEY] ??= new Set();
const held = globals[KEY];

export class PartialFile {
  private constructor(
    private readonly target: string,
    private readonly folder: string,
  ) {}

  /** Takes over the longest part that nobody is working on, or begins a new one. */
  static async of(target: string): Promise<PartialFile> {
    for (const found of await abandoned(target)) {
      const mine = ownName(target);
      held.add(mine);
      const taken = await rename(found, mine).then(
        () => true,
        () => false, // another process has been faster
      );
      if (taken) return new PartialFile(target, mine);
      held.delete(mine);
    }
    const mine = ownName(target);
    held.add(mine);
    await mkdir(mine);
    return new PartialFile(target, mine);
  }

  get file(): string {
    return path.join(this.folder, 'bytes');
  }

  private get originFile(): string {
    return path.join(this.folder, 'origin.json');
  }

  /** Bytes that can be gone on from, and how to ask for the rest; none if the server gave nothing to recognise the file by. */
  async kept(url: string): Promise<{ bytes: number; validator: string } | undefined> {
    const bytes = await sizeOf(this.folder);
    try {
      const origin = originSchema.parse(JSON.parse(await readFile(this.originFile, 'utf8')));
      return bytes > 0 && origin.url === url ? { bytes, validator: origin.validator } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Empties it for bytes of another origin. */
  async begin(origin: { url: string; validator: string | undefined }): Promise<void> {
    await rm(this.originFile, { force: true });
    await writeFile(this.file, '');
    if (origin.validator) await writeFile(this.originFile, JSON.stringify(origin));
  }

  /** Gives the bytes their name; parts that others left are of no use any more. */
  async finish(): Promise<void> {
    await rename(this.file, this.target);
    await this.remove();
    for (const folder of await abandoned(this.target)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    this.release();
  }

  /** Leaves it for whoever comes next. */
  release(): void {
    held.delete(this.folder);
  }
}

function ownName(target: string): string {
  for (let n = 1; ; n++) {
    const name = `${target}.${process.pid}.get-${n}`;
    if (!held.has(name) && !existsSync(/*turbopackIgnore: true*/ name)) return name;
  }
}

const sizeOf = (folder: string) =>
  stat(path.join(folder, 'bytes')).then(
    (s) => s.size,
    () => 0,
  );

/** Parts of the file that no living process holds, the longest first. A process id may come again after a restart. */
async function abandoned(target: string): Promise<string[]> {
  const directory = path.dirname(target);
  const start = `${path.basename(target)}.`;
  const found: { folder: string; bytes: number }[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const pid = name.startsWith(start) && Number(/^(\d+)\.get-\d+$/.exec(name.slice(start.length))?.[1]);
    const folder = path.join(directory, name);
    if (pid && (pid === process.pid || isGone(pid)) && !held.has(folder)) found.push({ folder, bytes: await sizeOf(folder) });
  }
  return found.sort((a, b) => b.bytes - a.bytes).map(({ folder }) => folder);
}
