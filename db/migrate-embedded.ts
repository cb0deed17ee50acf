/** Brings an embedded database to the newest schema. */
import path from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { fromPglite } from 'pg-boss';
import { installQueue } from './queue/boss';

export const MIGRATIONS = path.join(process.cwd(), 'db/migrations');

export async function migrateEmbedded(client: PGlite): Promise<void> {
  await migrate(drizzle({ client, casing: 'snake_case' }), { migrationsFolder: MIGRATIONS });
  await installQueue(fromPglite(client));
}
