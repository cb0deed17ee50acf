/**
 * node scripts/run.mjs FILE.ts [arguments]   runs TypeScript in this process, so that signals and exit codes are its own
 * node scripts/run.mjs --npm NAME            runs an npm script
 * Both install what is missing first; nothing of that goes to stdout.
 */
import './node-version.mjs';

async function main() {
  const [target, ...args] = process.argv.slice(2);
  const { answersHelp } = await import('./help.mjs');
  if (target === '--npm' && answersHelp(args[0]?.split(':')[0], args.slice(1))) return 0; // a program answers by itself
  const { ensureDependencies } = await import('./install.mjs');
  await ensureDependencies((line) => process.stderr.write(`${line}\n`));
  const { npmCommand, Refusal, runToEnd } = await import('./processes.mjs');
  if (!target) throw new Refusal('node scripts/run.mjs FILE.ts [arguments], or --npm NAME');
  if (target === '--npm') {
    const [npm, ...first] = npmCommand();
    const { code } = await runToEnd(npm, [...first, '--silent', 'run', ...args], { stdio: 'inherit' });
    return code;
  }
  const path = await import('node:path');
  const { pathToFileURL } = await import('node:url');
  const { register } = await import('tsx/esm/api');
  register();
  const file = path.resolve(target);
  process.argv = [process.argv[0], file, ...args];
  await import(pathToFileURL(file).href);
  return new Promise(() => undefined); // the program ends by itself, with its own code
}

void import('./processes.mjs').then(({ finishWith }) => finishWith(main));
