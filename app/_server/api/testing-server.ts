/** The API over real HTTP on 127.0.0.1, for tests of what speaks to it; requests can be watched, answered or cut off. */
import { createServer } from 'node:http';
import { Hono } from 'hono';
import { publicApi } from './api';

/** Before a request is served: a Response instead, or 'cut' to close its connection; `after`: served, but nobody hears of it. */
export type Interference = (request: { method: string; path: string; headers: Headers }) => Response | 'cut' | 'after' | undefined;

export interface ServedSite {
  url: string;
  /** `METHOD path` of each request so far, paths without /api/v1 and with ids as `:id`. */
  asked: string[];
  interfere(how: Interference | undefined): void;
  close(): Promise<void>;
}

/** `testSite()` has to be there: its database is the one that answers. */
export async function serveSite(): Promise<ServedSite> {
  const app = new Hono().route('/api/v1', publicApi());
  const asked: string[] = [];
  let interference: Interference | undefined;
  const server = createServer(async (incoming, outgoing) => {
    const path = (incoming.url ?? '').replace('/api/v1', '');
    const method = incoming.method ?? '';
    asked.push(`${method} ${path.replace(/[0-9a-f-]{36}/, ':id').replace(/[0-9a-f]{64}/, ':sha256')}`);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const headers = new Headers(Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]));
    const instead = interference?.({ method, path, headers });
    if (instead === 'cut') return void incoming.socket.destroy();
    const body = method === 'GET' || chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const request = new Request(`http://localhost${incoming.url}`, { method, headers, ...body });
    const response = instead instanceof Response ? instead : await app.fetch(request);
    if (instead === 'after') return void incoming.socket.destroy();
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    interfere: (how) => {
      interference = how;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
