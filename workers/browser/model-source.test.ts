import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readModelSource } from './model-source';

const server = createServer((request, response) => {
  if (request.url === '/gone/model.json')
    response.writeHead(410).end(JSON.stringify({ error: { code: 'gone', message: 'the files of m, version 1, were removed' } }));
  else response.writeHead(502).end('<html>');
});
let site: string;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

it('a model that the site does not give is refused in the site’s own words, or with its status', async () => {
  const read = (path: string) => readModelSource({ kind: 'url', url: `${site}${path}` });
  await expect(read('/gone/model.json')).rejects.toThrow('could not be fetched: the files of m, version 1, were removed');
  await expect(read('/odd/model.json')).rejects.toThrow('could not be fetched: the site answered 502');
});
