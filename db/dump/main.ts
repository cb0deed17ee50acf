/** npm run -s dump -- --out DIR */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '../client';
import { chooseDatabase } from '../env';
import { packDump } from './pack';

const HELP = `npm run -s dump -- --out DIR
Writes everything public of this site's database to DIR/simplexity-YYYY-MM-DD.tar.gz, each table as JSON lines and as Parquet.
The database is that of DATABASE_URL or POSTGRES_URL, else the embedded one of DATA_DIR, which must not be in use by a site.
`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.out === undefined) {
    process.stderr.write('--out: expected a folder; --help says more\n');
    return 2;
  }
  const data = path.resolve(process.env.DATA_DIR ?? '.data');
  const { db, close } = await openDatabase(chooseDatabase(process.env, path.join(data, 'database')));
  try {
    const { day, bytes, rows } = await packDump(db);
    mkdirSync(values.out, { recursive: true });
    const file = path.join(values.out, `simplexity-${day}.tar.gz`);
    writeFileSync(file, bytes);
    const tables = Object.entries(rows).map(([table, count]) => `${count} ${table}`);
    process.stderr.write(`${file}: ${bytes.length} bytes; ${tables.join(', ')}\n`);
  } finally {
    await close();
  }
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.name === 'TypeError' ? 2 : 1;
  },
);
