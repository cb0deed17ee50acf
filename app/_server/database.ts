/** The site's one database and one store of files, opened at the first request and kept across hot reloads. */
import 'server-only';
import type { Blobs } from '@/db/blobs/blobs';
import { chooseBlobs } from '@/db/blobs/choose';
import { type Db, openDatabase } from '@/db/client';
import { firstAdminToken } from '@/db/queries/admin-links';
import { removeLooseBlobs } from '@/db/queries/loose-blobs';
import { forgetOldUses } from '@/db/queries/uses';
import { seed } from '@/db/seed';
import { databaseChoice, dataDirectory, siteUrl } from './environment';

interface Stores {
  db: Db;
  blobs: Blobs;
}

const globals = globalThis as unknown as { __stores?: Promise<Stores> };

/** A failure is not remembered: a database that comes back is found by the next request. */
export function stores(): Promise<Stores> {
  globals.__stores ??= open().catch((error) => {
    globals.__stores = undefined;
    throw error;
  });
  return globals.__stores;
}

export const database = async () => (await stores()).db;

async function open(): Promise<Stores> {
  const [{ db, driver }, blobs] = await Promise.all([openDatabase(databaseChoice()), chooseBlobs(process.env, dataDirectory())]);
  // A server's database is migrated and seeded by `npm run db:migrate`, once for all instances.
  // Housekeeping: a failure of it harms nobody.
  await forgetOldUses(db).catch(() => undefined);
  await removeLooseBlobs(db, blobs).catch(() => undefined);
  if (driver === 'pglite') {
    await seed(db, blobs);
    await showAdminLink(db);
  }
  return { db, blobs };
}

/** Whoever starts the site reads its output, and nobody else does: that is what makes the first admin. */
async function showAdminLink(db: Db): Promise<void> {
  const token = await firstAdminToken(db);
  if (token) process.stdout.write(`No admin yet: open ${siteUrl()}/admin/claim?token=${token} while signed in (works once, 7 days)\n`);
}
