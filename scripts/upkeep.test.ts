import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { keepUp } from './upkeep.mjs';

it('asks again and again with the secret, says what went wrong, and ends when it is told to', async () => {
  const asked: string[] = [];
  const statuses = [200, 503, 200];
  const stop = new AbortController();
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.writeHead(statuses[asked.length - 1] ?? 200).end('{}');
    if (asked.length === 3) stop.abort();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const said: string[] = [];
  const local = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keeping = keepUp({
    server: local,
    secret: 'a secret',
    signal: stop.signal,
    say: (line) => said.push(line),
    firstMs: 1,
    everyMs: 5,
  });
  // The pauses do not keep a process alive; this test is alive all the same.
  await Promise.race([keeping, new Promise((_, reject) => setTimeout(() => reject(new Error('it did not end')), 20_000))]);
  expect(asked).toEqual(Array(3).fill('/api/cron/upkeep Bearer a secret'));
  expect(said).toEqual(['the daily upkeep was not done: the site answered 503']);
  server.closeAllConnections();
  server.close();
});

it('a site that is away is said, and asked again', async () => {
  const stop = new AbortController();
  const said: string[] = [];
  const say = (line: string) => {
    said.push(line);
    if (said.length === 2) stop.abort();
  };
  await keepUp({ server: 'http://127.0.0.1:1', secret: 's', signal: stop.signal, say, firstMs: 1, everyMs: 1 });
  expect(said).toEqual([expect.stringContaining('was not done'), expect.stringContaining('was not done')]);
});
