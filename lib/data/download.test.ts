import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FASHION, fashionFiles, publishedAt, randomRecords, recordsDigest, tree, writeFiles } from '../testing/data-files';
import { type NodeSourceOptions, prepareDataset } from './node-source';
import type { OfficialFile } from './official';

const test = randomRecords(FASHION, 3, 'test');
const files = fashionFiles({ test, train: randomRecords(FASHION, 4, 'train') });
const LAST = 't10k-labels-idx1-ubyte.gz';
const LAST_PATH = `fashion-mnist/${LAST}`;

let root: string;
let server: Server;
let base: string;
let asked: string[];
let answer: RequestListener;
const serve: RequestListener = (request, response) => {
  const bytes = files.get((request.url ?? '').slice(1));
  if (bytes) response.end(bytes);
  else response.writeHead(404).end();
};

beforeEach(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-download-'));
  asked = [];
  answer = serve;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true, force: true });
});

const prepare = (changes: Partial<NodeSourceOptions> & { official?: OfficialFile[] } = {}) =>
  prepareDataset({
    dataset: { ...FASHION, officialSha256: {} },
    cache: root,
    official: publishedAt(base, files),
    patience: { tries: 2, delayMs: 1, idleMs: 5000 },
    ...changes,
  });

describe('the official address', () => {
  it('is asked once; what comes is checked, unpacked and called official', async () => {
    const lines: string[] = [];
    const { manifest } = await prepare({ log: (line) => lines.push(line) });
    expect(manifest.test).toEqual({ sha256: recordsDigest(test), records: 3, official: true });
    expect(asked).toHaveLength(4);
    expect(lines[0]).toBe(`fetching ${base}/fashion-mnist/t10k-images-idx3-ubyte.gz`);
    await prepare();
    expect(asked).toHaveLength(4);
  });

  describe('where a file that came earlier was damaged since', () => {
    const damaged = async () => {
      await prepare();
      rmSync(path.join(root, 'fashion-mnist'), { recursive: true }); // what was unpacked from it
      truncateSync(path.join(root, 'originals', 'fashion-mnist', LAST), 20);
      asked.length = 0;
      return (changes = {}) => prepare({ log: (line) => said.push(line), ...changes });
    };
    let said: string[];
    beforeEach(() => {
      said = [];
    });

    it('is asked for that one again, and says so', async () => {
      const again = await damaged();
      expect((await again()).manifest.test).toEqual({ sha256: recordsDigest(test), records: 3, official: true });
      expect(asked).toEqual([`/fashion-mnist/${LAST}`]);
      const file = path.join(root, 'originals', 'fashion-mnist', LAST);
      expect(said).toContain(`${LAST} is not a complete gzip file: unexpected end of file: fetching ${file} again`);
    });

    it('is named with the damage if it does not answer', async () => {
      const again = await damaged();
      answer = (_, response) => void response.writeHead(404).end();
      await expect(again()).rejects.toMatchObject({
        code: 'data-unavailable',
        message: expect.stringMatching(
          /^t10k-labels.* is not a complete gzip file: .*, and http.* could not be fetched: the server answered 404$/,
        ),
      });
    });

    it('is not asked offline', async () => {
      const again = await damaged();
      await expect(again({ offline: true })).rejects.toMatchObject({ code: 'data-damaged' });
      expect(asked).toEqual([]);
    });
  });

  it('is not asked for a damaged file of the directory, nor again for published files that cannot be read', async () => {
    const bad = new Map(files).set(LAST_PATH, Uint8Array.of(1, 2, 3));
    writeFiles(path.join(root, 'sets'), bad);
    await expect(prepare({ directory: path.join(root, 'sets') })).rejects.toMatchObject({ code: 'data-damaged' });
    expect(asked).toEqual([]);
    answer = (request, response) => void response.end(bad.get((request.url ?? '').slice(1)));
    await expect(prepare({ official: publishedAt(base, bad) })).rejects.toMatchObject({ code: 'data-damaged' });
    expect(asked).toHaveLength(4);
  });

  it('is not asked where the directory has the data, or offline', async () => {
    await expect(prepare({ offline: true })).rejects.toMatchObject({ code: 'data-unavailable' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['404', ((_, response) => void response.writeHead(404).end('no')) as RequestListener, /the server answered 404$/],
    ['500', ((_, response) => void response.writeHead(500).end()) as RequestListener, /the server answered 500$/],
    ['a connection that breaks at once', ((request) => void request.socket.destroy()) as RequestListener, /could not be fetched: /],
    [
      'a connection that breaks half-way',
      ((_, response) => {
        response.writeHead(200, { 'content-length': 100000 });
        response.write('half');
        setTimeout(() => response.destroy(), 20);
      }) as RequestListener,
      /could not be fetched: /,
    ],
  ])('that fails is named with its reason: %s', async (_, listener, message) => {
    answer = (request, response) => (request.url?.endsWith(LAST) ? listener(request, response) : serve(request, response));
    const failure = await prepare().catch((error) => error);
    expect(failure).toMatchObject({ code: 'data-unavailable' });
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain(`no data directory was named (--data, DATASETS_DIR), and ${base}/fashion-mnist/${LAST}`);
    expect(tree(root).filter((f) => f.includes(LAST))).toEqual([]);
    answer = serve;
    expect((await prepare()).manifest.test?.official).toBe(true);
  });

  it('that nobody listens at is named', async () => {
    const [file] = publishedAt('http://127.0.0.1:1', files);
    await expect(prepare({ official: [file, file, file, file] })).rejects.toMatchObject({
      code: 'data-unavailable',
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:1\/.* could not be fetched: /),
    });
  });

  it('that gives other bytes than published is refused with both checksums, and they are not kept', async () => {
    const official = publishedAt(base, files).map((f) => (f.path.endsWith(LAST) ? { ...f, md5: '0'.repeat(32) } : f));
    await expect(prepare({ official })).rejects.toMatchObject({
      code: 'data-damaged',
      message: expect.stringMatching(/: the bytes have MD5 [0-9a-f]{32}, the publisher says 0{32}$/),
    });
    expect(existsSync(path.join(root, 'originals/fashion-mnist', LAST))).toBe(false);
  });

  it('breaks off when asked, soon, and keeps no part that could not be gone on from', async () => {
    const stop = new AbortController();
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 100000 });
      response.write('half');
      setTimeout(() => stop.abort(), 50);
    };
    writeFileSync(path.join(root, 'witness'), '');
    await expect(prepare({ signal: stop.signal })).rejects.toMatchObject({ code: 'stopped' });
    expect(tree(root)).toEqual(['witness']);
  });

  it('is asked again only for what an interrupted run had not finished', async () => {
    answer = (request, response) => (request.url?.endsWith(LAST) ? response.writeHead(404).end() : serve(request, response));
    await expect(prepare()).rejects.toMatchObject({ code: 'data-unavailable' });
    answer = serve;
    asked = [];
    await prepare();
    expect(asked).toContain(`/fashion-mnist/${LAST}`);
    expect(asked).not.toContain('/fashion-mnist/t10k-images-idx3-ubyte.gz');
  });
});
