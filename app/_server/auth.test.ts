import { getAuthTables } from 'better-auth/db';
import { getTableColumns } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countUse } from '@/db/queries/uses';
import { accounts, apikeys, rateLimits, sessions, users, verifications } from '@/db/schema';
import { testSite } from './api/testing';
import { auth, authOptions } from './auth';

const ours = { user: users, session: sessions, account: accounts, verification: verifications, apikey: apikeys, rateLimit: rateLimits };

it('every field that better-auth knows is a column of ours', () => {
  process.env.SIMPLEXITY_SECRET ??= 'a secret of the tests, long enough to be one';
  for (const [name, table] of Object.entries(getAuthTables(authOptions()))) {
    const columns = getTableColumns(ours[table.modelName as 'user']);
    expect(Object.keys(columns), name).toEqual(expect.arrayContaining(['id', ...Object.keys(table.fields)]));
  }
});

describe('attempts', () => {
  let site: Awaited<ReturnType<typeof testSite>>;
  beforeAll(async () => {
    site = await testSite();
  });
  afterAll(() => site.close());

  const person = { email: 'victim@example.org', password: 'correct horse battery' };
  const from = (address: string) => new Headers({ 'x-forwarded-for': address });
  const guess = async (address: string, password = 'a guess') =>
    (await auth()).api.signInEmail({ body: { email: 'Victim@example.org', password }, headers: from(address) });

  it('at one account are limited by address, and a right password is none', async () => {
    await (await auth()).api.signUpEmail({ body: { name: 'V', ...person } });
    await countUse(site.db, { key: 'sign-in:victim@example.org:192.0.2.1', most: 30, windowSeconds: 3600 }, 28);
    for (let n = 0; n < 3; n++) await guess('192.0.2.1', person.password);
    for (let n = 0; n < 2; n++) await expect(guess('192.0.2.1')).rejects.toMatchObject({ status: 'UNAUTHORIZED' });
    await expect(guess('192.0.2.1', person.password)).rejects.toMatchObject({ status: 'TOO_MANY_REQUESTS' });
    await guess('192.0.2.2', person.password);
  });

  it('from very many addresses close the account for the rest of the hour', async () => {
    await countUse(site.db, { key: 'sign-in:victim@example.org', most: 300, windowSeconds: 3600 }, 297);
    await expect(guess('192.0.2.3')).rejects.toMatchObject({ status: 'UNAUTHORIZED' });
    await expect(guess('192.0.2.4')).rejects.toMatchObject({ status: 'TOO_MANY_REQUESTS' });
  });

  it('to sign up are limited by address, and in all', async () => {
    const signUp = async (n: number, address: string) =>
      (await auth()).api.signUpEmail({
        body: { name: 'N', email: `n${n}@example.org`, password: person.password },
        headers: from(address),
      });
    await countUse(site.db, { key: 'sign-up:192.0.2.5', most: 30, windowSeconds: 3600 }, 29);
    await signUp(1, '192.0.2.5');
    await expect(signUp(2, '192.0.2.5')).rejects.toMatchObject({ status: 'TOO_MANY_REQUESTS' });
    await signUp(3, '192.0.2.6');
    await countUse(site.db, { key: 'sign-up', most: 500, windowSeconds: 3600 }, 490);
    for (let n = 0; n < 12; n++) await signUp(10 + n, `192.0.2.${10 + n}`).catch(() => undefined);
    await expect(signUp(99, '192.0.2.99')).rejects.toMatchObject({ status: 'TOO_MANY_REQUESTS' });
  });
});
