/** `npm start`: everything set up on a fresh checkout, then the site on HOST:PORT until it is stopped. */
import './node-version.mjs';

const say = (line) => process.stderr.write(`${line}\n`);

async function main() {
  const { answersHelp } = await import('./help.mjs');
  if (answersHelp('start')) return 0;
  const { ensureDependencies, ROOT } = await import('./install.mjs');
  const { serve } = await import('./serve.mjs');
  const { buildIfChanged } = await import('./build.mjs');
  await ensureDependencies(say);
  return serve(ROOT, 'start', async () => {
    await buildIfChanged(ROOT, say);
    await migrateIfServer(ROOT);
  });
}

/** A server's database is brought to the newest schema before the site opens it; the embedded one the site migrates itself. */
async function migrateIfServer(root) {
  const { DB_DRIVER, DATABASE_URL, POSTGRES_URL } = process.env;
  if (DB_DRIVER === 'pglite' || !(DATABASE_URL || POSTGRES_URL)) return;
  const { runToEnd, Refusal } = await import('./processes.mjs');
  const { code } = await runToEnd(process.execPath, ['scripts/run.mjs', 'db/main.ts', 'migrate'], { cwd: root });
  if (code !== 0) throw new Refusal('the database could not be brought to the newest schema; see above');
}

void import('./processes.mjs').then(({ finishWith }) => finishWith(main));
