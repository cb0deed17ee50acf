/** One file from a server that misbehaves in every way that servers do. */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server as SocketServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tree } from '../testing/data-files';
import { type DownloadOptions, download } from './download';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7));
const MD5 = createHash('md5').update(BYTES).digest('hex');
const HALF = 150_000;

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

let root: string;
let server: Server;
let url: string;
/** The `Range` of every request, in turn. */
let ranges: (string | undefined)[];
/** One for each request; the last one stays. */
let replies: Reply[];

beforeEach(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-resume-'));
  ranges = [];
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    const reply = replies.length > 1 ? (replies.shift() as Reply) : replies[0];
    reply(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/set.tgz`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true, force: true });
});

const ETAG = { etag: '"one"' };
/** A server that does as it is asked, for a file with this ETag. */
const honest =
  (headers: Record<string, string> = ETAG, bytes = BYTES): Reply =>
  (request, response) => {
    const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const fits = request.headers['if-range'] === (headers.etag ?? headers['last-modified']);
    if (!from || !fits) return void response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
    const start = Number(from[1]);
    if (start >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(206, { ...headers, 'content-range': range, 'content-length': bytes.length - start }).end(bytes.subarray(start));
  };
/** Calls back when so many bytes lie in a part. */
function whenHere(bytes: number, then: () => void): void {
  const parts = tree(root).filter((file) => file.endsWith('/bytes'));
  if (parts.some((part) => statSync(path.join(root, part)).size === bytes)) then();
  else setTimeout(() => whenHere(bytes, then), 5);
}
/** Breaks the connection after half of the bytes, when they have arrived. */
const broken =
  (headers: Record<string, string> = ETAG, length = BYTES.length): Reply =>
  (_, response) => {
    response.writeHead(200, { ...headers, 'content-length': length });
    response.write(BYTES.subarray(0, HALF), () => whenHere(HALF, () => response.destroy()));
  };

let said: string[];
const fetchFile = (changes: DownloadOptions & { md5?: string } = {}) => {
  said = [];
  return download({ path: 'set.tgz', url, md5: changes.md5 ?? MD5 }, root, 'nothing is here', {
    log: (line) => said.push(line),
    patience: { tries: 3, delayMs: 1, idleMs: 5000 },
    ...changes,
  });
};
const arrived = () => {
  expect(readFileSync(path.join(root, 'set.tgz')).equals(BYTES)).toBe(true);
  expect(tree(root)).toEqual(['set.tgz']);
};

describe('a connection that breaks', () => {
  it('is taken up where it broke, with the ETag that says whether the file is still the same', async () => {
    let condition: unknown;
    replies = [
      broken(),
      (request, response) => {
        condition = request.headers['if-range'];
        honest()(request, response);
      },
    ];
    await fetchFile();
    arrived();
    expect(ranges).toEqual([undefined, `bytes=${HALF}-`]);
    expect(condition).toBe('"one"');
    expect(said).toEqual([`fetching ${url}`, `fetching ${url} again in 0.001 s: aborted`, `fetching ${url}: going on after 0.1 MB`]);
  });

  it('is taken up by the date of the last change where the ETag is weak', async () => {
    const dated = { etag: 'W/"one"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' };
    replies = [
      broken(dated),
      (request, response) => {
        expect(request.headers['if-range']).toBe(dated['last-modified']);
        honest({ 'last-modified': dated['last-modified'] })(request, response);
      },
    ];
    await fetchFile();
    arrived();
    expect(ranges[1]).toBe(`bytes=${HALF}-`);
  });

  it('begins anew where the server gave nothing to recognise the file by', async () => {
    replies = [broken({}), honest()];
    await fetchFile();
    arrived();
    expect(ranges).toEqual([undefined, undefined]);
  });

  it.each([
    ['ignores ranges', honest({}, BYTES)],
    ['has another file by now', honest({ etag: '"two"' })],
  ])('begins anew where the server %s', async (_, second) => {
    replies = [broken(), second];
    await fetchFile();
    arrived();
    expect(ranges).toEqual([undefined, `bytes=${HALF}-`]);
  });

  it.each([
    ['sends another part', { 'content-range': `bytes 0-9/${BYTES.length}` }, 206],
    ['does not say which part', {}, 206],
    ['says that the part is longer than the whole', { 'content-range': 'bytes */7' }, 416],
  ] as const)('begins anew where the server %s', async (_, headers, status) => {
    replies = [broken(), (_request, response) => void response.writeHead(status, headers).end('0123456789'), honest()];
    await fetchFile();
    arrived();
    expect(ranges).toEqual([undefined, `bytes=${HALF}-`, undefined]);
  });

  it('that is only noticed after the last byte is complete: 416 with the length that we have', async () => {
    replies = [
      (_, response) => {
        response.writeHead(200, { ...ETAG, 'content-length': BYTES.length + 1 });
        response.write(BYTES, () => whenHere(BYTES.length, () => response.destroy()));
      },
      honest(),
    ];
    await fetchFile();
    arrived();
    expect(ranges[1]).toBe(`bytes=${BYTES.length}-`);
  });

  it('is given up after some tries; what came is kept, said, and gone on from in the next run', async () => {
    replies = [broken(), (request) => void request.socket.destroy()];
    const failure = await fetchFile().catch((error) => error);
    expect(failure).toMatchObject({ code: 'data-unavailable' });
    expect(failure.message).toMatch(
      /^nothing is here, and .* could not be fetched: .*; 0\.1 MB are kept, and the next run goes on from there$/,
    );
    expect(ranges).toHaveLength(3);
    expect(tree(root)).toEqual([`set.tgz.${process.pid}.get-1/bytes`, `set.tgz.${process.pid}.get-1/origin.json`]);
    replies = [honest()];
    await fetchFile();
    arrived();
    expect(ranges.at(-1)).toBe(`bytes=${HALF}-`);
  });

  it('is noticed when nothing comes any more', async () => {
    replies = [
      (_, response) => void response.writeHead(200, { ...ETAG, 'content-length': BYTES.length }).write(BYTES.subarray(0, HALF)),
      honest(),
    ];
    await fetchFile({ patience: { tries: 3, delayMs: 1, idleMs: 1000 } });
    arrived();
    expect(said[1]).toBe(`fetching ${url} again in 0.001 s: nothing came for 1 s`);
    expect(ranges[1]).toBe(`bytes=${HALF}-`);
  });
});

describe('stopping', () => {
  it('keeps what has come, and the next run goes on from there', async () => {
    const stop = new AbortController();
    replies = [
      (_, response) => {
        response.writeHead(200, { ...ETAG, 'content-length': BYTES.length });
        response.write(BYTES.subarray(0, HALF), () => whenHere(HALF, () => stop.abort()));
      },
      honest(),
    ];
    await expect(fetchFile({ signal: stop.signal })).rejects.toMatchObject({ code: 'stopped' });
    await fetchFile();
    arrived();
    expect(ranges[1]).toBe(`bytes=${HALF}-`);
  });

  it('works between two tries, too', async () => {
    const stop = new AbortController();
    replies = [(request) => void request.socket.destroy()];
    const log = (line: string) => line.includes('again in') && stop.abort();
    await expect(fetchFile({ log, signal: stop.signal, patience: { tries: 3, delayMs: 60_000, idleMs: 5000 } })).rejects.toMatchObject({
      code: 'stopped',
    });
    expect(tree(root)).toEqual([]);
  });
});

describe('bytes that are not the published ones', () => {
  const damaged = Buffer.from(BYTES).fill(0, 1000, 1010);

  it('are thrown away and fetched once more, from the start', async () => {
    replies = [honest(ETAG, damaged), honest()];
    await fetchFile();
    arrived();
    expect(ranges).toEqual([undefined, undefined]);
    expect(said[1]).toMatch(/^fetching .* once more: the bytes have MD5 [0-9a-f]{32}, the publisher says [0-9a-f]{32}$/);
  });

  it('are refused if they come again, and nothing of them stays', async () => {
    replies = [honest(ETAG, damaged)];
    await expect(fetchFile()).rejects.toMatchObject({
      code: 'data-damaged',
      message: expect.stringContaining(`the publisher says ${MD5}`),
    });
    expect(ranges).toHaveLength(2);
    expect(tree(root)).toEqual([]);
  });

  it('are noticed when the second half is of another file with the same ETag', async () => {
    replies = [broken(), honest(ETAG, Buffer.alloc(BYTES.length)), honest()];
    await fetchFile();
    arrived();
    expect(ranges).toEqual([undefined, `bytes=${HALF}-`, undefined]);
  });
});

describe('a length that is', () => {
  it('too small is noticed by the checksum', async () => {
    const short: Reply = (_, response) => void response.writeHead(200, { ...ETAG, 'content-length': HALF }).end(BYTES.subarray(0, HALF));
    replies = [short, honest()];
    await fetchFile();
    arrived();
    replies = [short];
    rmSync(path.join(root, 'set.tgz'));
    await expect(fetchFile()).rejects.toMatchObject({ code: 'data-damaged' });
  });

  it('too large is noticed by the connection', async () => {
    replies = [broken(ETAG, BYTES.length + 1000), honest()];
    await fetchFile();
    arrived();
  });

  it('absent is no hindrance', async () => {
    replies = [(_, response) => void response.writeHead(200).end(BYTES)];
    await fetchFile();
    arrived();
  });

  it('contradicted by what comes after it is noticed', async () => {
    // By hand: Node's server does not send more than it promised.
    const liar: SocketServer = createSocketServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', () => {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${HALF}\r\n\r\n`);
          socket.end(BYTES);
        });
    }).listen(0, '127.0.0.1');
    await once(liar, 'listening');
    url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}/set.tgz`;
    await expect(fetchFile()).rejects.toMatchObject({ code: expect.stringMatching(/^data-(damaged|unavailable)$/) });
    expect(tree(root)).toEqual([]);
    liar.close();
  });
});

describe('an answer that is', () => {
  it('busy or broken for a moment is waited for', async () => {
    replies = [(_, response) => void response.writeHead(503).end(), (_, response) => void response.writeHead(429).end(), honest()];
    await fetchFile();
    arrived();
  });

  it('a refusal is not asked for twice', async () => {
    replies = [(_, response) => void response.writeHead(403).end()];
    await expect(fetchFile()).rejects.toThrow(/could not be fetched: the server answered 403$/);
    expect(ranges).toHaveLength(1);
  });

  it('a web page is refused as such', async () => {
    replies = [(_, response) => void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>Sign in</h1>')];
    await expect(fetchFile()).rejects.toThrow('the server answered with a web page, not with the file');
    expect(tree(root)).toEqual([]);
  });

  it('labelled as compressed is taken as it is: the checksum is of the .gz', async () => {
    const gz = gzipSync(BYTES);
    replies = [(_, response) => void response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': gz.length }).end(gz)];
    await fetchFile({ md5: createHash('md5').update(gz).digest('hex') });
    expect(readFileSync(path.join(root, 'set.tgz')).equals(gz)).toBe(true);
  });

  it('a redirect is followed, and taken up again through it', async () => {
    const to =
      (reply: Reply): Reply =>
      (request, response) =>
        request.url === '/elsewhere' ? reply(request, response) : void response.writeHead(302, { location: '/elsewhere' }).end();
    replies = [to(broken()), to(broken()), to(honest())];
    await fetchFile();
    arrived();
    expect(ranges.at(-1)).toBe(`bytes=${HALF}-`);
  });

  it.each([
    ['in a circle', 302, '/set.tgz', /sends on more than 5 times$/],
    ['to nowhere', 301, undefined, /answered 301 without an address$/],
    ['to another protocol', 307, 'file:///etc/passwd', /which is neither http nor https$/],
    ['to no address', 308, 'http://', /which is no address$/],
  ] as const)('a redirect %s is named', async (_, status, location, message) => {
    replies = [(_request, response) => void response.writeHead(status, location === undefined ? {} : { location }).end()];
    await expect(fetchFile()).rejects.toThrow(message);
  });
});

it('says how far it is', async () => {
  const long = Buffer.alloc(25_000_000, 7);
  replies = [honest(ETAG, long)];
  await fetchFile({ md5: createHash('md5').update(long).digest('hex') });
  expect(said.length).toBeGreaterThan(10);
  expect(said.at(-1)).toBe(`fetching ${url}: 25.0 of 25.0 MB`);
});

it('that is here already with the published checksum is not asked for', async () => {
  writeFileSync(path.join(root, 'set.tgz'), BYTES);
  replies = [honest()];
  await fetchFile();
  expect(ranges).toEqual([]);
});

it('a folder that cannot be written is named', async () => {
  mkdirSync(path.join(root, 'set.tgz'));
  replies = [honest()];
  await expect(fetchFile()).rejects.toMatchObject({ code: 'data-unavailable', message: expect.stringMatching(/EISDIR|ENOTEMPTY|EEXIST/) });
});

describe('other processes', { timeout: 60_000 }, () => {
  const script = path.join(import.meta.dirname, '../testing/fetching-process.ts');
  const start = () => fork(script, [url, MD5, root], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const end = async (child: ChildProcess) => (await once(child, 'exit'))[0];

  it('go on from what a killed one had fetched', async () => {
    replies = [(_, response) => void response.writeHead(200, { ...ETAG, 'content-length': BYTES.length }).write(BYTES.subarray(0, HALF))];
    const child = start();
    await new Promise<void>((resolve) => whenHere(HALF, resolve));
    child.kill('SIGKILL');
    await end(child);
    replies = [honest()];
    await fetchFile();
    arrived();
    expect(ranges).toEqual([undefined, `bytes=${HALF}-`]);
  });

  it('do not disturb one another: each works on a part of its own, one takes over what was left', async () => {
    const left = path.join(root, 'set.tgz.999999999.get-1');
    mkdirSync(left);
    writeFileSync(path.join(left, 'bytes'), BYTES.subarray(0, HALF));
    writeFileSync(path.join(left, 'origin.json'), JSON.stringify({ url, validator: ETAG.etag }));
    replies = [honest()];
    const children = [start(), start(), start()];
    expect(await Promise.all([...children.map(end), fetchFile(), fetchFile()])).toEqual([0, 0, 0, true, true]);
    arrived();
    expect(ranges.filter((range) => range === `bytes=${HALF}-`)).toHaveLength(1);
  });
});
