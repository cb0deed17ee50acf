/**
 * The database: PGlite in a folder, any PostgreSQL, or Vercel's. One type for all three. PGlite has a single connection:
 * inside `db.transaction(async (tx) => …)` only `tx` may be used, `db` would wait for itself for ever.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { lockDataDir } from '../scripts/data-dir.mjs';
import type { DatabaseChoice } from './env';
import * as schema from './schema';

export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

export interface OpenDatabase {
  db: Db;
  driver: DatabaseChoice['driver'];
  close(): Promise<void>;
}

const options = { schema, casing: 'snake_case' } as const;

/** Opens it; an embedded one is migrated, too, since nobody else can. A server's is migrated by `npm run db:migrate`. */
export async function openDatabase(choice: DatabaseChoice): Promise<OpenDatabase> {
  const { driver } = choice;
  if (driver === 'pg') {
    const [{ Pool }, { drizzle }] = await Promise.all([import('pg'), import('drizzle-orm/node-postgres')]);
    const pool = new Pool({ connectionString: choice.url, max: 5 });
    pool.on('error', () => undefined); // an idle connection that broke is replaced by the next query
    return { db: drizzle({ client: pool, ...options }) as unknown as Db, driver, close: () => pool.end() };
  }
  if (driver === 'vercel') {
    const [{ createPool }, { drizzle }] = await Promise.all([import('@vercel/postgres'), import('drizzle-orm/vercel-postgres')]);
    if (typeof WebSocket === 'undefined') {
      // Node before 22 has none of its own, and the driver speaks over one.
      const [{ neonConfig }, ws] = await Promise.all([import('@neondatabase/serverless'), import('ws')]);
      neonConfig.webSocketConstructor ??= ws.WebSocket;
    }
    const pool = createPool({ connectionString: choice.url, max: 5 });
    pool.on('error', () => undefined);
    return { db: drizzle({ client: pool, ...options }) as unknown as Db, driver, close: () => pool.end() };
  }
  return openEmbedded(choice.folder);
}

async function openEmbedded(folder: string): Promise<OpenDatabase> {
  // A page that is rendered while the site is built must not open it: builds run in several processes.
  if (process.env.NEXT_PHASE === 'phase-production-build') throw new Error('the embedded database was opened during next build');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = lockDataDir(folder, Number(process.env.PORT) || 0);
  process.once('exit', lock.release);
  try {
    const [{ PGlite }, { drizzle }, { migrateEmbedded }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('drizzle-orm/pglite'),
      import('./migrate-embedded'),
    ]);
    const client = new PGlite(path.join(folder, 'pglite'));
    await client.waitReady;
    const db = drizzle({ client, ...options });
    await migrateEmbedded(client);
    const close = async () => {
      await client.close();
      lock.release();
    };
    return { db: db as unknown as Db, driver: 'pglite', close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether it answers; for health checks. */
export async function isReachable(db: Db): Promise<boolean> {
  return db.execute(sql`select 1`).then(
    () => true,
    () => false,
  );
}
