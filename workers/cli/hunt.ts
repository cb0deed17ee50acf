/** `npm run -s hunt`: attacks a model of a site and sends what it breaks as witnesses. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../lib/failure';
import { SiteRefusal } from '../site-api';
import { HUNT_HELP, type HuntArguments, readHuntArguments } from './hunt-arguments';
import { huntOnSite } from './hunt-site';
import { writeOut } from './outputs';
import { Site } from './submit-site';

const EXIT: Partial<Record<string, number>> = { arguments: 2, 'data-unavailable': 4, 'data-damaged': 4 };

async function run(args: HuntArguments, signal: AbortSignal, log: (line: string) => void): Promise<void> {
  const wait = async (ms: number, until: AbortSignal) => void (await sleep(ms, undefined, { signal: until }));
  // The hunt ends at the signal; what it has found is sent all the same.
  const site = new Site(args.server, args.token, { fetch, wait, signal: new AbortController().signal, log });
  const { attacked, broken, files } = await huntOnSite(args, site, log, signal);
  await writeOut(`broke ${broken} of ${attacked} images\n`);
  if (args.out !== undefined) await mkdir(args.out, { recursive: true });
  for (const [n, file] of files.entries()) {
    if (args.out !== undefined) {
      const name = path.join(args.out, `${args.model}-${args.board.id.replace('/', '-')}-${args.seed}-${n + 1}.witness.gz`);
      await writeFile(name, file);
      await writeOut(`${name}\n`);
      continue;
    }
    const request = {
      method: 'POST',
      path: `/models/${args.model}/witnesses?board=${args.board.id}`,
      type: 'application/gzip',
      body: file,
    } as const;
    const { id } = (await site.ask(request)) as { id: string };
    await writeOut(`${args.server}/api/v1/witnesses/${id}\n`);
  }
}

async function main(): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stop = new AbortController();
  let asked = Number.POSITIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // npm passes on the Ctrl-C that the terminal has sent already; one that comes later means: at once.
      if (performance.now() - asked > 1000) process.exit(130);
      asked = Math.min(asked, performance.now());
      stop.abort();
    });
  }
  try {
    const args = readHuntArguments(process.argv.slice(2), process.env);
    if (args === 'help') {
      await writeOut(HUNT_HELP);
      return 0;
    }
    await run(args, stop.signal, args.quiet ? () => undefined : (line) => void process.stderr.write(`${line}\n`));
    return 0;
  } catch (error) {
    if (error instanceof SiteRefusal) {
      process.stderr.write(`${error.message} (${error.code})\n`);
      return 4;
    }
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT[error.code] ?? 5;
  }
}

/** Handlers that tfjs' wasm module installs would keep the process alive. */
void main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
