/** What a run leaves behind: the report on stdout or in a file, and files that appear whole and all together. */
import { fstatSync, writeFile as writeFileWithCallback } from 'node:fs';
import { copyFile, link, lstat, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../../lib/data/make-folder';
import { Failure } from '../../lib/failure';

const temporaryName = (file: string) => `${file}.${process.pid}.tmp`;
const olderName = (file: string) => `${file}.${process.pid}.old`;

function unwritable(file: string, cause: unknown): Failure {
  return new Failure('arguments', `${file} could not be written: ${(cause as Error).message}`, { cause });
}

/** A device or a pipe is written to; a file in its place would take it away from everybody. */
async function isDevice(file: string): Promise<boolean> {
  const info = await stat(file).catch(() => undefined);
  return info !== undefined && !info.isFile() && !info.isDirectory();
}

/** Makes the folder of a result and tries it, before hours are spent on what could not be kept. */
export async function prepareToWrite(file: string): Promise<void> {
  try {
    if (await isDevice(file)) return;
    if ((await stat(file).catch(() => undefined))?.isDirectory()) throw new Error('it is a folder');
    await makeFolder(path.dirname(path.resolve(file)));
    await writeFile(temporaryName(file), '');
    await rm(temporaryName(file));
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/**
 * Writes every file under a temporary name; they get their own when all are on disk and `before` has come to its end.
 * After a failure none of them is there, and a file that was there before is what it was.
 */
export async function writeTogether(
  files: ReadonlyMap<string, string | Uint8Array>,
  before: () => Promise<void> = async () => undefined,
): Promise<void> {
  const made = new Set<string>();
  const older = new Set<string>();
  const naming = (file: string) => (cause: unknown) => {
    throw unwritable(file, cause);
  };
  try {
    for (const [file, content] of files) {
      if (await isDevice(file)) {
        await writeFile(file, content).catch(naming(file));
        continue;
      }
      made.add(temporaryName(file));
      await writeFile(temporaryName(file), content).catch(naming(file));
    }
    await before();
    for (const file of files.keys()) {
      if (!made.has(temporaryName(file))) continue;
      if (await keepAside(file).catch(naming(file))) older.add(file);
      await rename(temporaryName(file), file).catch(naming(file));
      made.delete(temporaryName(file));
      made.add(file);
    }
  } catch (error) {
    for (const file of made) if (!older.has(file)) await rm(file, { force: true }).catch(() => undefined);
    for (const file of older) await rename(olderName(file), file).catch(() => older.delete(file)); // stays beside it
    throw error;
  } finally {
    for (const file of older) await rm(olderName(file), { force: true }).catch(() => undefined);
  }
}

/** A second name for what is to be overwritten, a copy where the disk knows no second names. Resolves to false where nothing is. */
async function keepAside(file: string): Promise<boolean> {
  const info = await lstat(file).catch(() => undefined);
  if (!info || info.isDirectory()) return false; // a folder is not overwritten
  await link(file, olderName(file)).catch(() => copyFile(file, olderName(file)));
  return true;
}

/** Node's stream to a file takes a part for the whole where the disk is nearly full; writeFile goes on to the last byte. */
const writeToDescriptor = promisify(writeFileWithCallback) as (descriptor: number, text: string) => Promise<void>;

function toStdout(text: string): Promise<void> {
  const info = fstatSync(process.stdout.fd);
  if (info.isFile() || (info.isCharacterDevice() && !process.stdout.isTTY)) return writeToDescriptor(process.stdout.fd, text);
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** A full disk or a closed pipe behind stdout is a failure like any other. */
export async function writeOut(text: string): Promise<void> {
  await toStdout(text).catch((cause) => {
    throw unwritable('stdout', cause);
  });
}
