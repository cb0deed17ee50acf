/** Brings a server's database to the newest schema; two at once wait for each other. */
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';
import { MIGRATIONS } from './migrate-embedded';
import { installQueue } from './queue/boss';

/** Any number will do, if it is always the same. */
const LOCK = 0x51_3f_1e_71;

/** `url`: a direct connection, not a pooler's, since the lock belongs to the session. */
export async function migrateServer(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await migrate(drizzle({ client, casing: 'snake_case' }), { migrationsFolder: MIGRATIONS });
    await installQueue({ executeSql: (text, values) => client.query(text, values) });
  } finally {
    await client.end(); // gives the lock back
  }
}
