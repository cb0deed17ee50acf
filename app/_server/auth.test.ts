import { getAuthTables } from 'better-auth/db';
import { getTableColumns } from 'drizzle-orm';
import { expect, it } from 'vitest';
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

it('guesses at one account are limited, whatever address they claim to come from', async () => {
  const site = await testSite();
  try {
    await site.account();
    const { api } = await auth();
    const attempt = (n: number) =>
      api.signInEmail({
        body: { email: 'Victim@example.org', password: `guess number ${n}` },
        headers: new Headers({ 'x-forwarded-for': `192.0.2.${n}` }),
      });
    for (let n = 0; n < 30; n++) await expect(attempt(n)).rejects.toMatchObject({ status: 'UNAUTHORIZED' });
    await expect(attempt(31)).rejects.toMatchObject({ status: 'TOO_MANY_REQUESTS' });
  } finally {
    await site.close();
  }
});
