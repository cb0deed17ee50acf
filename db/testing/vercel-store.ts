/**
 * Vercel Blob, played on 127.0.0.1: the API that stores, looks up and removes, and the private addresses that are read, which
 * the client asks for under `STORE.private.blob.vercel-storage.com`. Every request must carry the store's token.
 */
import { createServer } from 'node:http';
import { reroute } from './reroute.mjs';

const STORE = 'teststore';
const TOKEN = `vercel_blob_rw_${STORE}_secretofthetests`;
const API = 'blob-api.played.test';

export type Trouble = number | 'cut' | 'cut-body';

export interface VercelStore {
  token: string;
  objects: Map<string, Buffer>;
  /** `METHOD key` of every request so far. */
  asked: string[];
  /** Answers the next requests with a status, closes their connection, or closes it amid the body. */
  trouble(kind: Trouble | undefined): void;
  close(): Promise<void>;
}

export async function openVercelStore(): Promise<VercelStore> {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  let trouble: Trouble | undefined;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url as string, 'http://played');
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const refuse = (status: number, code: string) => json(status, { error: { code, message: code } });
    const describe = (key: string) => ({
      ...{ url: `https://${STORE}.private.blob.vercel-storage.com/${key}`, downloadUrl: '', pathname: key, etag: '"1"' },
      ...{ size: objects.get(key)?.length, contentType: 'application/octet-stream', contentDisposition: '', cacheControl: '' },
      uploadedAt: '2026-01-01T00:00:00.000Z',
    });
    const api = request.headers.host === API;
    const key = api ? (searchParams.get('pathname') ?? searchParams.get('url') ?? '') : pathname.slice(1);
    asked.push(`${request.method} ${key || pathname}`);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) refuse(403, 'forbidden');
    else if (trouble === 'cut') request.socket.destroy();
    else if (trouble === 'cut-body' && !api) {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => request.socket.destroy());
    } else if (typeof trouble === 'number') refuse(trouble, 'service_unavailable');
    else if (!api) {
      const found = objects.get(key);
      if (found) response.writeHead(200, { 'content-length': String(found.length) }).end(found);
      else response.writeHead(404).end();
    } else if (request.method === 'PUT') {
      const { 'x-vercel-blob-access': access, 'x-add-random-suffix': suffix, 'x-allow-overwrite': overwrite } = request.headers;
      if (access !== 'private' || suffix !== '0') return refuse(400, 'bad_request');
      if (objects.has(key) && overwrite !== '1') return refuse(400, 'bad_request');
      objects.set(key, body);
      json(200, describe(key));
    } else if (request.method === 'POST' && pathname === '/delete') {
      for (const name of (JSON.parse(body.toString()) as { urls: string[] }).urls) objects.delete(name);
      json(200, null);
    } else if (objects.has(key)) json(200, describe(key));
    else refuse(404, 'not_found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const local = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const before = process.env.VERCEL_BLOB_API_URL;
  process.env.VERCEL_BLOB_API_URL = `https://${API}`;
  const restore = reroute((host) => (host === API || host.endsWith('.blob.vercel-storage.com') ? local : undefined));
  return {
    token: TOKEN,
    objects,
    asked,
    trouble: (kind) => {
      trouble = kind;
    },
    close: () => {
      restore();
      if (before === undefined) delete process.env.VERCEL_BLOB_API_URL;
      else process.env.VERCEL_BLOB_API_URL = before;
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
