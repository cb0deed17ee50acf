/** Once for all test files: a migrated PGlite as a dump, and a PostgreSQL server where there are binaries. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrateServer } from '../migrate';
import { migratedDump } from './dump';
import { startPostgres } from './postgres';

declare module 'vitest' {
  interface ProvidedContext {
    pgliteDump: string;
    postgresUrl: string;
    postgresAbsent: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-dump-'));
  const file = path.join(folder, 'pglite.tar');
  const [dump, { server, absent }] = await Promise.all([migratedDump(), startPostgres()]);
  writeFileSync(file, dump);
  if (server) await migrateServer(server.url);
  project.provide('pgliteDump', file);
  project.provide('postgresUrl', server?.url ?? '');
  project.provide('postgresAbsent', absent ?? '');
  return async () => {
    rmSync(folder, { recursive: true, force: true });
    await server?.remove();
  };
}
