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
  return serve(ROOT, 'start', () => buildIfChanged(ROOT, say));
}

void import('./processes.mjs').then(({ finishWith }) => finishWith(main));
