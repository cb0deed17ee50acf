import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { busyReason, freePort, readAddress, secureContextNote, urlOf } from './address.mjs';

it('listens on the loopback, port 3000, unless told otherwise', () => {
  expect(readAddress({})).toEqual({ host: '127.0.0.1', port: 3000 });
  expect(readAddress({ HOST: '0.0.0.0', PORT: '80' })).toEqual({ host: '0.0.0.0', port: 80 });
});

it.each(['0', '65536', 'http', '3000.5', '-1'])('refuses PORT %s with a sentence', (PORT) => {
  expect(() => readAddress({ PORT })).toThrow(`PORT must be a whole number from 1 to 65535, got ${PORT}`);
});

it('tells a busy port from a free one', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = { host: '127.0.0.1', port };
  expect(await busyReason(address)).toBe(`port ${port} on 127.0.0.1 is in use by another program; stop it or set PORT`);
  server.close();
  await once(server, 'close');
  expect(await busyReason(address)).toBeNull();
  expect(await busyReason({ host: '203.0.113.7', port: await freePort() })).toMatch(/HOST 203\.0\.113\.7 cannot be listened on/);
});

it('names the address as a browser on this machine would, and warns others of plain http', () => {
  expect(urlOf({ host: '127.0.0.1', port: 3000 })).toBe('http://localhost:3000');
  expect(urlOf({ host: '0.0.0.0', port: 3000 })).toBe('http://localhost:3000');
  expect(urlOf({ host: '192.168.1.5', port: 80 })).toBe('http://192.168.1.5:80');
  expect(secureContextNote({ host: 'localhost' })).toBeNull();
  expect(secureContextNote({ host: '::1' })).toBeNull();
  expect(secureContextNote({ host: '0.0.0.0' })).toMatch(/https/);
});
