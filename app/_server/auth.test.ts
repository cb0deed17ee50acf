import { getAuthTables } from 'better-auth/db';
import { getTableColumns } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { accounts, apikeys, rateLimits, sessions, users, verifications } from '@/db/schema';
import { authOptions } from './auth';

const ours = { user: users, session: sessions, account: accounts, verification: verifications, apikey: apikeys, rateLimit: rateLimits };

it('every field that better-auth knows is a column of ours', () => {
  process.env.SIMPLEXITY_SECRET ??= 'a secret of the tests, long enough to be one';
  for (const [name, table] of Object.entries(getAuthTables(authOptions()))) {
    const columns = getTableColumns(ours[table.modelName as 'user']);
    expect(Object.keys(columns), name).toEqual(expect.arrayContaining(['id', ...Object.keys(table.fields)]));
  }
});
