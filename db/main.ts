/** `npm run db:migrate`: brings a server's database to the newest schema and seeds it; the embedded one needs neither. */
import path from 'node:path';
import { chooseBlobs } from './blobs/choose';
import { openDatabase } from './client';
import { chooseDatabase } from './env';
import { migrateServer } from './migrate';
import { firstAdminToken } from './queries/admin-links';
import { seed } from './seed';

const HELP = `npm run db:migrate
Brings the database of DATABASE_URL (or POSTGRES_URL_NON_POOLING, POSTGRES_URL) to the newest schema and adds the baselines.
It may run any number of times, and several at once. The embedded database is migrated by the site itself.
`;

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const data = path.resolve(process.env.DATA_DIR ?? '.data');
  const choice = chooseDatabase(process.env, path.join(data, 'database'));
  if (choice.driver === 'pglite') {
    process.stderr.write('no DATABASE_URL or POSTGRES_URL is set: the embedded database is migrated when the site opens it\n');
    return 0;
  }
  // A session's lock does not survive a pooler.
  await migrateServer((choice.driver === 'vercel' && process.env.POSTGRES_URL_NON_POOLING) || choice.url);
  const opened = await openDatabase(choice);
  try {
    await seed(opened.db, await chooseBlobs(process.env, data));
    const token = await firstAdminToken(opened.db);
    const site = process.env.SITE_URL ?? `http://localhost:${process.env.PORT || 3000}`;
    if (token) process.stderr.write(`No admin yet: open ${site}/admin/claim?token=${token} while signed in (works once, 7 days)\n`);
  } finally {
    await opened.close();
  }
  process.stderr.write('the database is up to date\n');
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
