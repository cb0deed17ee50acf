/**
 * The site's API as a process: the product's own routes, sign-in, queue and stores, with the settings of the environment, over
 * HTTP on 127.0.0.1. No pages, so no build. Run by itself, with `--conditions react-server`; says when it listens on PORT.
 */
import { createServer } from 'node:http';
import * as auth from '../../app/api/auth/[...all]/route';
import * as api from '../../app/api/v1/[[...route]]/route';

type Method = keyof typeof api;

async function answer(method: string, url: string, headers: Headers, body: Buffer): Promise<Response> {
  const routes: Partial<Record<Method, (request: Request) => Response | Promise<Response>>> = url.startsWith('/api/auth/') ? auth : api;
  const route = routes[method as Method];
  if (!route) return new Response(null, { status: 405 });
  return route(
    new Request(`http://${headers.get('host')}${url}`, { method, headers, ...(body.length ? { body: new Uint8Array(body) } : {}) }),
  );
}

const server = createServer(async (incoming, outgoing) => {
  const parts: Buffer[] = [];
  try {
    for await (const part of incoming) parts.push(part as Buffer);
  } catch {
    return; // the other side has gone
  }
  const headers = new Headers(Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]));
  const response = await answer(incoming.method ?? 'GET', incoming.url ?? '/', headers, Buffer.concat(parts));
  const cookies = response.headers.getSetCookie();
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...(cookies.length ? { 'set-cookie': cookies } : {}) });
  outgoing.end(Buffer.from(await response.arrayBuffer()));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('listens\n'));
