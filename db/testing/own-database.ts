/** A database that a test has for itself, with commits of its own: a new PGlite, or a new database on the tests' server. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { type Db, openDatabase } from '../client';
import { migrateServer } from '../migrate';
import { type DatabaseKind, freshPglite } from './databases';
import { proxyFor } from './vercel-proxy';

/** An empty one on the server, not migrated. */
export async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const ask = async (statement: string) => {
    const client = new Client({ connectionString: server });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await ask(`create database ${name}`);
  return { url: server.replace(/\/postgres$/, `/${name}`), drop: () => ask(`drop database ${name} with (force)`) };
}

export async function ownDatabase(kind: DatabaseKind): Promise<{ db: Db; close(): Promise<void> }> {
  if (kind === 'PGlite') return freshPglite();
  const { url, drop } = await emptyDatabase();
  await migrateServer(url);
  const proxy = kind === 'PostgreSQL' ? undefined : await proxyFor(url);
  const { db, close } = await openDatabase({ driver: proxy ? 'vercel' : 'pg', url });
  return {
    db,
    async close() {
      await close();
      await proxy?.close();
      await drop();
    },
  };
}
