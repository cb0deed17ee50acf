/** The database goes away and comes back; the site stays up, says so, and works again without a restart. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '@/db/client';
import { migrateServer } from '@/db/migrate';
import { startPostgres, type TestServer } from '@/db/testing/postgres';
import { auth } from '../auth';
import { type TestSite, testSite } from './testing';

const { server, absent } = await startPostgres();

describe.skipIf(!server)(`an outage of the database${absent ? ` (${absent})` : ''}`, () => {
  const postgres = server as TestServer;
  let site: TestSite;
  beforeAll(async () => {
    await migrateServer(postgres.url);
    site = await testSite(() => openDatabase({ driver: 'pg', url: postgres.url }));
  });
  afterAll(async () => {
    await site.close();
    await postgres.remove();
  });

  it('is answered with 503, a stable code and Retry-After, whoever asks for whatever; then all works again', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { token } = await site.account();
    const { api } = await auth();
    const email = `${crypto.randomUUID()}@example.org`;
    const { headers } = await api.signUpEmail({ body: { name: 'Grace', email, password: 'correct horse battery' }, returnHeaders: true });
    const cookie = headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; ');
    const ask = {
      reader: () => site.ask('GET', '/boards'),
      token: () => site.ask('GET', '/boards', { token }),
      session: () => site.ask('GET', '/boards', { headers: { cookie } }),
      writer: () => site.ask('POST', '/submissions', { token, body: {}, headers: { 'idempotency-key': 'a-key-of-mine' } }),
      visitor: () => site.ask('POST', '/submissions', { body: {} }),
    };
    for (const [who, request] of Object.entries(ask)) expect((await request()).status, who).toBeLessThan(500);

    await postgres.stop();
    for (const round of ['first', 'second'])
      for (const [who, request] of Object.entries(ask)) {
        const answer = await request();
        const seen = { status: answer.status, retryAfter: answer.headers.get('retry-after'), ...((await answer.json()) as object) };
        expect(seen, `${who}, ${round} time`).toEqual({
          status: 503,
          retryAfter: '10',
          error: { code: 'database-unavailable', message: 'the database cannot be reached just now; nothing was lost, try again' },
        });
      }
    expect(logged).toHaveBeenCalled();

    await postgres.start();
    expect((await ask.reader()).status).toBe(200);
    expect((await ask.token()).status).toBe(200);
    expect((await ask.session()).status).toBe(200);
    expect((await ask.writer()).status, 'the key that was never answered is no hindrance').toBe(400);
    logged.mockRestore();
  });

  it('amid requests loses none silently: each is answered with what it asked for or with 503', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { token } = await site.account();
    const asked = Array.from({ length: 40 }, () => site.ask('GET', '/events', { token }));
    await postgres.stop();
    const statuses = (await Promise.all(asked)).map((a) => a.status);
    expect(new Set([...statuses, 200, 503])).toEqual(new Set([200, 503]));
    await postgres.start();
    expect((await site.ask('GET', '/events', { token })).status).toBe(200);
    logged.mockRestore();
  });
});
