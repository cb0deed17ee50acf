import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { clientAddress, readTrustedProxies, rewriteAddresses } from './client-address.mjs';

it('believes of a header only what the site’s own proxies have added', () => {
  expect(clientAddress('192.0.2.1', '198.51.100.9', 0)).toBe('198.51.100.9');
  expect(clientAddress('made up, 192.0.2.1', '198.51.100.9', 1)).toBe('192.0.2.1');
  expect(clientAddress('made up, 192.0.2.1, 203.0.113.5', '198.51.100.9', 2)).toBe('192.0.2.1');
  expect(clientAddress(undefined, '198.51.100.9', 1)).toBe('198.51.100.9');
  expect(clientAddress(' , ', undefined, 1)).toBeUndefined();
});

it('takes a small whole number of proxies', () => {
  expect([readTrustedProxies(undefined), readTrustedProxies(''), readTrustedProxies('2')]).toEqual([0, 0, 2]);
  for (const odd of ['-1', '1.5', 'yes', '10']) expect(() => readTrustedProxies(odd)).toThrow(/TRUSTED_PROXIES/);
});

it('rewrites the header before anybody reads it', async () => {
  rewriteAddresses(0);
  const server = createServer((incoming, answer) => answer.end(String(incoming.headers['x-forwarded-for'])));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const { port } = server.address() as AddressInfo;
    const said = await new Promise<string>((resolve, reject) => {
      const asking = request({ port, host: '127.0.0.1', headers: { 'x-forwarded-for': '192.0.2.1' }, agent: false }, (answer) => {
        answer.setEncoding('utf8').on('data', resolve);
      });
      asking.on('error', reject).end();
    });
    expect(said).toBe('127.0.0.1');
  } finally {
    server.close();
  }
});
