/**
 * The units of a run in a file that only grows: a line that says which run it is, then records of [length, CRC-32, unit], each
 * number a little-endian uint32. A process that ends in the middle of a record leaves a torn end, which is cut off when the
 * file is opened again; everything before it counts.
 */
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { Failure } from '../../lib/failure';
import { differences, type RunIdentity, runIdentitySchema } from '../../lib/protocol/run-identity';
import type { StoredUnit, UnitStore } from '../../lib/protocol/stored-unit';
import { lockFile } from './lock-file';
import { decodeUnit, encodeUnit } from './unit-codec';

const headerSchema = z.strictObject({ schema: z.literal('checkpoint/1'), startedAt: z.iso.datetime(), run: runIdentitySchema });
type Header = z.infer<typeof headerSchema>;

/** A header is far smaller; a file that is none of ours may have no line's end for gigabytes. */
const MOST_HEADER = 100_000;
const RECORD_HEAD = 8;

interface Place {
  at: number;
  length: number;
  crc: number;
}

export class CheckpointFile implements UnitStore {
  /** Bytes at the end that were not whole. */
  torn = 0;
  private readonly places = new Map<string, Place>();
  private end = 0;
  private closed = false;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    readonly header: Header,
    private readonly unlock: () => Promise<void>,
  ) {}

  /** Opens the file to go on with its run, or begins it. Throws where it holds another run, or another process writes to it. */
  static async open(file: string, run: RunIdentity, startedAt: string): Promise<CheckpointFile> {
    const unlock = await lockFile(file);
    let handle: FileHandle | undefined;
    try {
      handle = await opening(file, () => openOrMake(file));
      if ((await handle.stat()).size === 0) {
        const header: Header = { schema: 'checkpoint/1', startedAt, run };
        await handle.write(`${JSON.stringify(header)}\n`, 0);
      }
      const opened = await CheckpointFile.from(file, handle, unlock);
      mustBe(file, opened.header.run, run, []);
      if (opened.torn) await handle.truncate(opened.end);
      return opened;
    } catch (error) {
      await handle?.close();
      await unlock();
      throw error;
    }
  }

  /** Opens a file of a share to read from; it may have been measured on another device, by another version of its engine. */
  static async read(file: string, run: RunIdentity): Promise<CheckpointFile> {
    const handle = await opening(file, () => open(file, 'r'));
    try {
      const opened = await CheckpointFile.from(file, handle, async () => undefined);
      mustBe(file, opened.header.run, run, ELSEWHERE);
      return opened;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Throws what `open` would (`own`) or `read`, as far as the run is known already; leaves nothing behind. */
  static async check(file: string, run: Partial<RunIdentity>, own: boolean): Promise<void> {
    const unlock = own ? await lockFile(file) : undefined;
    try {
      const isNew = own && !((await stat(file).catch(() => undefined))?.size ?? 0);
      if (isNew) return;
      const handle = await opening(file, () => open(file, own ? 'r+' : 'r'));
      try {
        mustBe(file, (await headerOf(file, handle)).header.run, run, own ? [] : ELSEWHERE);
      } finally {
        await handle.close();
      }
    } finally {
      await unlock?.();
    }
  }

  private static async from(file: string, handle: FileHandle, unlock: () => Promise<void>): Promise<CheckpointFile> {
    const { header, end } = await headerOf(file, handle);
    const opened = new CheckpointFile(file, handle, header, unlock);
    await opened.scan(end);
    return opened;
  }

  get units(): number {
    return this.places.size;
  }

  /** Length of the file. */
  get bytes(): number {
    return this.end;
  }

  async get(key: string): Promise<StoredUnit | undefined> {
    const place = this.places.get(key);
    if (!place) return undefined;
    const bytes = await this.readAt(place.at, place.length);
    if (crc32(bytes) !== place.crc) throw new Failure('data-damaged', `${this.file}: the record at byte ${place.at} has changed`);
    return this.decoded(bytes, place.at).unit;
  }

  /** After the file was closed nothing is kept any more: the run was stopped. */
  async put(key: string, unit: StoredUnit): Promise<void> {
    if (this.closed) return;
    const payload = encodeUnit(key, unit);
    const head = Buffer.alloc(RECORD_HEAD);
    head.writeUInt32LE(payload.length, 0);
    head.writeUInt32LE(crc32(payload), 4);
    const written = this.writing.then(() => this.append(key, Buffer.concat([head, payload])));
    this.writing = written.catch(() => undefined);
    await written;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.writing;
    await this.handle.close();
    await this.unlock();
  }

  /** Removes the file while it is still ours, and closes it. */
  async discard(): Promise<void> {
    await rm(this.file, { force: true });
    await this.close();
  }

  private async append(key: string, record: Buffer): Promise<void> {
    try {
      for (let done = 0; done < record.length; ) {
        const { bytesWritten } = await this.handle.write(record, done, record.length - done, this.end + done);
        done += bytesWritten;
      }
    } catch (cause) {
      await this.handle.truncate(this.end).catch(() => undefined); // what is torn is cut off at the next opening, too
      throw new Failure('arguments', `${this.file} could not be written: ${(cause as Error).message}`, { cause });
    }
    this.places.set(key, { at: this.end + RECORD_HEAD, length: record.length - RECORD_HEAD, crc: record.readUInt32LE(4) });
    this.end += record.length;
  }

  /**
   * Finds the records. One whose bits were turned is passed over by its length; where no whole record follows, the end is torn.
   * A length of 0 is what a disk leaves that lost its power: zeros.
   */
  private async scan(start: number): Promise<void> {
    const { size } = await this.handle.stat();
    this.end = start;
    for (let at = start; at + RECORD_HEAD <= size; ) {
      const head = await this.readAt(at, RECORD_HEAD);
      const place = { at: at + RECORD_HEAD, length: head.readUInt32LE(0), crc: head.readUInt32LE(4) };
      at = place.at + place.length;
      if (place.length === 0 || at > size) break;
      const payload = await this.readAt(place.at, place.length);
      if (crc32(payload) !== place.crc) continue;
      this.places.set(this.decoded(payload, place.at).key, place);
      this.end = at;
    }
    this.torn = size - this.end;
  }

  private decoded(bytes: Buffer, at: number): ReturnType<typeof decodeUnit> {
    try {
      return decodeUnit(bytes);
    } catch (cause) {
      throw new Failure('data-damaged', `${this.file}: the record at byte ${at} is not a unit of a run`, { cause });
    }
  }

  private async readAt(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.handle.read(bytes, done, length - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }
}

/** What may be another one where a share was measured. */
const ELSEWHERE: readonly (keyof RunIdentity)[] = ['device', 'engine'];

function mustBe(file: string, kept: RunIdentity, run: Partial<RunIdentity>, except: readonly (keyof RunIdentity)[]): void {
  const reasons = differences(kept, run, except);
  if (reasons.length) throw new Failure('arguments', `${file} holds another run: ${reasons.join('; ')}`);
}

/** The first line, and where what follows it begins. */
async function headerOf(file: string, handle: FileHandle): Promise<{ header: Header; end: number }> {
  const bytes = Buffer.alloc(MOST_HEADER);
  const { bytesRead } = await handle.read(bytes, 0, MOST_HEADER, 0);
  const line = bytes.subarray(0, bytesRead).indexOf('\n');
  const header = headerSchema.safeParse(parsed(bytes.toString('utf8', 0, Math.max(0, line))));
  if (!header.success) throw new Failure('arguments', `${file} is not a file of a run to resume; give another name`);
  return { header: header.data, end: line + 1 };
}

/** For reading and writing at any place; made where it is not there. */
async function openOrMake(file: string): Promise<FileHandle> {
  await (await open(file, 'a')).close();
  return open(file, 'r+');
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // refused by the schema
  }
};

async function opening<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Failure('arguments', `${file} could not be opened: ${(cause as Error).message}`, { cause });
  }
}
