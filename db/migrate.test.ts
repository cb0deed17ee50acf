import { sql } from 'drizzle-orm';
import { describe, expect, inject, it } from 'vitest';
import { openDatabase } from './client';
import { migrateServer } from './migrate';
import { emptyDatabase } from './testing/own-database';

const absent = inject('postgresAbsent');

describe.skipIf(absent)(`migrations of a server${absent ? ` (${absent})` : ''}`, () => {
  it('four at once wait for each other, and once more changes nothing', async () => {
    const { url, drop } = await emptyDatabase();
    await Promise.all([1, 2, 3, 4].map(() => migrateServer(url)));
    await migrateServer(url);
    const { db, close } = await openDatabase({ driver: 'pg', url });
    const applied = (await db.execute(sql`select count(*)::int as n from drizzle.__drizzle_migrations`)) as unknown as {
      rows: { n: number }[];
    };
    const { default: journal } = await import('./migrations/meta/_journal.json');
    expect(applied.rows).toEqual([{ n: journal.entries.length }]);
    const queues = (await db.execute(sql`select name, policy from pgboss.queue`)) as unknown as { rows: unknown[] };
    expect(queues.rows, 'the queue of verification jobs, and no other').toEqual([{ name: 'verification', policy: 'exclusive' }]);
    await close();
    await drop();
  });

  it('a server that is not there is an error, not a wait', async () => {
    await expect(migrateServer('postgresql://test@127.0.0.1:1/postgres')).rejects.toThrow(/ECONNREFUSED/);
  });
});
