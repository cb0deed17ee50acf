/**
 * Fetches one official file into a folder, checked against its published checksum before it gets its name. A connection that
 * breaks is taken up again where it broke, at once, after an abort or in another process; bytes that are not the published
 * ones are thrown away and fetched once more.
 */

import { open } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import path from 'node:path';
import { Failure } from '../failure';
import { fileDigest } from './file-digest';
import { httpGet } from './http-get';
import { removeLeftovers } from './leftovers';
import { makeFolder } from './make-folder';
import type { OfficialFile } from './official';
import { PartialFile } from './partial-file';

export interface Patience {
  /** Tries in a row that bring next to nothing. */
  tries: number;
  /** Before the second try; twice as long before each further one. */
  delayMs: number;
  idleMs: number;
}
const PATIENCE: Patience = { tries: 4, delayMs: 500, idleMs: 60_000 };

/** A try that brings so much is not held against the server. */
const WORTHWHILE_BYTES = 1 << 20;
/** No official file comes near; a server that does not stop is stopped. */
const MAX_BYTES = 2 ** 31;

export interface DownloadOptions {
  log?(line: string): void;
  signal?: AbortSignal;
  patience?: Patience;
  /** Hears of a file that is there but is not the published one. */
  onDamaged?(file: string): void;
}

/** What trying again can't mend. */
class Hopeless extends Error {}

/**
 * `where`: why the file has to be fetched, for the sentence that is shown if it can't be. Resolves to false if it was there
 * already, from an earlier, interrupted run.
 */
export async function download(file: OfficialFile, folder: string, where: string, options: DownloadOptions = {}): Promise<boolean> {
  const target = path.join(folder, file.path);
  await makeFolder(path.dirname(target));
  await removeLeftovers(path.dirname(target));
  const there = await fileDigest(target, 'md5').catch(() => undefined);
  if (there === file.md5) return false;
  if (there) options.onDamaged?.(target);
  const partial = await PartialFile.of(target);
  try {
    for (let again = false; ; again = true) {
      await fetchWhole(file, partial, options);
      const md5 = await fileDigest(partial.file, 'md5');
      if (md5 === file.md5) break;
      const mismatch = `the bytes have MD5 ${md5}, the publisher says ${file.md5}`;
      await partial.begin({ url: file.url, validator: undefined });
      if (again) throw new Failure('data-damaged', `${file.url}: ${mismatch}`);
      options.log?.(`fetching ${file.url} once more: ${mismatch}`);
    }
    await partial.finish();
    return true;
  } catch (cause) {
    const kept = await partial.kept(file.url);
    if (kept) partial.release();
    else await partial.remove();
    if (options.signal?.aborted) throw new Failure('stopped', 'stopped', { cause });
    if (cause instanceof Failure) throw cause;
    const rest = kept ? `; ${megabytes(kept.bytes)} MB are kept, and the next run goes on from there` : '';
    throw new Failure('data-unavailable', `${where}, and ${file.url} could not be fetched: ${(cause as Error).message}${rest}`, { cause });
  }
}

/** Tries until the server says that everything has come. */
async function fetchWhole(file: OfficialFile, partial: PartialFile, options: DownloadOptions): Promise<void> {
  const { tries, delayMs } = options.patience ?? PATIENCE;
  for (let failed = 0; ; ) {
    const before = (await partial.kept(file.url))?.bytes ?? 0;
    try {
      return await fetchSome(file, partial, options);
    } catch (error) {
      const noSuchHost = (error as NodeJS.ErrnoException).code === 'ENOTFOUND';
      if (options.signal?.aborted || error instanceof Hopeless || noSuchHost) throw error;
      const gained = ((await partial.kept(file.url))?.bytes ?? 0) - before;
      failed = gained >= WORTHWHILE_BYTES ? 1 : failed + 1;
      if (failed >= tries) throw error;
      const delay = delayMs * 2 ** (failed - 1);
      options.log?.(`fetching ${file.url} again in ${delay / 1000} s: ${(error as Error).message}`);
      await pause(delay, options.signal);
    }
  }
}

/** One request, from where the last one ended. */
async function fetchSome(file: OfficialFile, partial: PartialFile, { log, signal, patience }: DownloadOptions): Promise<void> {
  const kept = await partial.kept(file.url);
  const headers: Record<string, string> = kept ? { Range: `bytes=${kept.bytes}-`, 'If-Range': kept.validator } : {};
  log?.(`fetching ${file.url}${kept ? `: going on after ${megabytes(kept.bytes)} MB` : ''}`);
  const answer = await httpGet(file.url, { headers, idleMs: (patience ?? PATIENCE).idleMs, signal });
  try {
    const { status, start, total } = place(answer, kept?.bytes ?? 0);
    if (status === 'complete') return;
    if (status === 'begin') {
      await partial.begin({ url: file.url, validator: undefined });
      throw new Error('the server could not go on from there');
    }
    if (start === 0) await partial.begin({ url: file.url, validator: validatorOf(answer.headers) });
    await receive(answer, partial.file, start, total, (bytes) => {
      const of = total === undefined ? '' : ` of ${megabytes(total)}`;
      log?.(`fetching ${file.url}: ${megabytes(bytes)}${of} MB`);
    });
  } finally {
    answer.destroy();
  }
}

/** Where the bytes of an answer belong. */
function place(answer: IncomingMessage, asked: number): { status: 'bytes' | 'complete' | 'begin'; start: number; total?: number } {
  const { statusCode = 0, headers } = answer;
  const length = /^\d+$/.test(headers['content-length'] ?? '') ? Number(headers['content-length']) : undefined;
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
  const size = range && range[2] !== '*' ? Number(range[2]) : undefined;
  // Nothing is left to be sent, if the whole is as long as the part; else the file has changed.
  if (statusCode === 416 && asked > 0) return { status: size === asked ? 'complete' : 'begin', start: 0 };
  if (statusCode === 206 && asked > 0) {
    return range && Number(range[1]) === asked
      ? { status: 'bytes', start: asked, total: size ?? (length === undefined ? undefined : asked + length) }
      : { status: 'begin', start: 0 };
  }
  if (statusCode !== 200) {
    const passing = statusCode >= 500 || [408, 425, 429].includes(statusCode);
    throw new (passing ? Error : Hopeless)(`the server answered ${statusCode}`);
  }
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) throw new Hopeless('the server answered with a web page, not with the file');
  return { status: 'bytes', start: 0, total: length };
}

/** A strong ETag, else the date of the last change (RFC 9110, 13.1.5). */
function validatorOf(headers: IncomingHttpHeaders): string | undefined {
  const etag = headers.etag;
  return etag && !etag.startsWith('W/') ? etag : headers['last-modified'];
}

async function receive(
  answer: IncomingMessage,
  file: string,
  start: number,
  total: number | undefined,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const step = Math.max(WORTHWHILE_BYTES, (total ?? 0) / 20);
  let at = start;
  const handle = await open(file, 'r+').catch(unwritable);
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      if (at + part.length > MAX_BYTES) throw new Hopeless(`the server sends more than ${megabytes(MAX_BYTES)} MB`);
      for (let done = 0; done < part.length; ) {
        done += (await handle.write(part, done, part.length - done, at + done).catch(unwritable)).bytesWritten;
      }
      if (Math.floor((at + part.length) / step) > Math.floor(at / step)) onProgress(at + part.length);
      at += part.length;
    }
  } finally {
    await handle.close();
  }
  // A length of its own that is too large breaks the connection; one of a range may just be wrong.
  if (total !== undefined && at < total) throw new Error(`${at} of ${total} bytes came`);
}

const unwritable = (error: Error): never => {
  throw new Hopeless(error.message, { cause: error });
};

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** Rejects when asked to stop. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new Error('stopped'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}
