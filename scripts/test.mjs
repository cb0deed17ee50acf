/** `npm test`: everything set up, every check run to its end; the last line on stdout is `N passed, N failed`. */
import './node-version.mjs';

async function main() {
  const { answersHelp } = await import('./help.mjs');
  if (answersHelp('test')) return 0;
  const { ensureDependencies, ROOT } = await import('./install.mjs');
  await ensureDependencies((line) => process.stderr.write(`${line}\n`));
  const { testEverything } = await import('./test-parts.mjs');
  return testEverything(ROOT);
}

void import('./processes.mjs').then(({ finishWith }) => finishWith(main));
