/** The same tests on PGlite, on a real PostgreSQL, and on it through @vercel/postgres. */
import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/pglite';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { type Db, openDatabase } from '../client';
import * as schema from '../schema';
import { proxyFor } from './vercel-proxy';

export async function freshPglite(): Promise<{ db: Db; close(): Promise<void> }> {
  const dump = readFileSync(inject('pgliteDump'));
  const client = new PGlite({ loadDataDir: new Blob([dump]) });
  await client.waitReady;
  const db = drizzle({ client, schema, casing: 'snake_case' }) as unknown as Db;
  return { db, close: () => client.close() };
}

const KINDS = ['PGlite', 'PostgreSQL', '@vercel/postgres'] as const;
export type DatabaseKind = (typeof KINDS)[number];

async function open(kind: DatabaseKind): Promise<{ db: Db; close(): Promise<void> }> {
  if (kind === 'PGlite') return freshPglite();
  const url = inject('postgresUrl');
  if (kind === 'PostgreSQL') return openDatabase({ driver: 'pg', url });
  const proxy = await proxyFor(url);
  const { db, close } = await openDatabase({ driver: 'vercel', url });
  return {
    db,
    async close() {
      await close();
      await proxy.close();
    },
  };
}

/** Ends a transaction without keeping anything of it. */
class Rollback extends Error {}

/** A test in a transaction that is rolled back, so that tests share one database and none sees another's rows. */
export type RolledBack = (name: string, body: (db: Db) => Promise<void>) => void;

/**
 * A suite on every database that is there; one that isn't is listed as skipped, with the reason.
 * @param body gets `db()`, the open database, and `test`, which gives each test a transaction of its own
 */
export function onEachDatabase(
  name: string,
  body: (context: { db: () => Db; test: RolledBack; kind: DatabaseKind }) => void,
  kinds: readonly DatabaseKind[] = KINDS,
): void {
  describe.each(kinds)(`${name} on %s`, (kind) => {
    const absent = kind === 'PGlite' ? '' : inject('postgresAbsent');
    if (absent) {
      it.skip(absent, () => undefined);
      return;
    }
    let opened: { db: Db; close(): Promise<void> } | undefined;
    const db = () => {
      if (!opened) throw new Error('the database is open within tests only');
      return opened.db;
    };
    beforeAll(async () => {
      opened = await open(kind);
    });
    afterAll(() => opened?.close());
    const test: RolledBack = (title, run) =>
      it(title, async () => {
        await db()
          .transaction(async (tx) => {
            await run(tx as unknown as Db);
            throw new Rollback();
          })
          .catch((error) => {
            if (!(error instanceof Rollback)) throw error;
          });
      });
    body({ db, test, kind });
  });
}

/** Empties every table of the product: for tests that need commits of their own. */
export async function truncateAll(db: Db): Promise<void> {
  await db.execute(
    sql`truncate users, sessions, accounts, verifications, apikeys, rate_limits, models, versions, files, runs, standings, events, idempotency_keys, uses, admin_links, dumps, pgboss.job, queue_leases, queue_logs, witness_files restart identity cascade`,
  );
}
