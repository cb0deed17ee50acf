/** `npm run dev`: the site on HOST:PORT, rebuilt as its sources change. */
import './node-version.mjs';

async function main() {
  const { answersHelp } = await import('./help.mjs');
  if (answersHelp('dev')) return 0;
  const { ensureDependencies, ROOT } = await import('./install.mjs');
  const { serve } = await import('./serve.mjs');
  const { copyWasmFiles } = await import('./wasm-files.mjs');
  await ensureDependencies((line) => process.stderr.write(`${line}\n`));
  return serve(ROOT, 'dev', async () => copyWasmFiles(ROOT));
}

void import('./processes.mjs').then(({ finishWith }) => finishWith(main));
