/** `npm run -s hunt`: attacks a model of a site and sends what it breaks as witnesses. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../lib/failure';
import { SiteRefusal } from '../site-api';
import { HUNT_HELP, type HuntArguments, readHuntArguments } from './hunt-arguments';
import { huntOnSite, rowsToHunt } from './hunt-site';
import { writeOut } from './outputs';
import { Site } from './submit-site';

const EXIT: Partial<Record<string, number>> = { arguments: 2, 'data-unavailable': 4, 'data-damaged': 4 };

/** The hunt ends at the signal; what it has found is sent all the same. */
function siteOf(args: HuntArguments, log: (line: string) => void): Site {
  const wait = async (ms: number, until: AbortSignal) => void (await sleep(ms, undefined, { signal: until }));
  return new Site(args.server, args.token, { fetch, wait, signal: new AbortController().signal, log });
}

async function send(args: HuntArguments, site: Site, file: Uint8Array): Promise<void> {
  const request = {
    method: 'POST',
    path: `/models/${args.model}/witnesses?board=${args.board.id}`,
    type: 'application/gzip',
    body: file,
  } as const;
  const { id } = (await site.ask(request)) as { id: string };
  await writeOut(`${args.server}/api/v1/witnesses/${id}\n`);
}

async function run(args: HuntArguments, signal: AbortSignal, log: (line: string) => void): Promise<void> {
  const site = siteOf(args, log);
  const { attacked, broken, files } = await huntOnSite(args, site, log, signal);
  await writeOut(`broke ${broken} of ${attacked} images\n`);
  if (args.out !== undefined) await mkdir(args.out, { recursive: true });
  for (const [n, file] of files.entries()) {
    if (args.out === undefined) {
      await send(args, site, file);
      continue;
    }
    const name = path.join(args.out, `${args.model}-${args.board.id.replace('/', '-')}-${args.seed}-${n + 1}.witness.gz`);
    await writeFile(name, file);
    await writeOut(`${name}\n`);
  }
}

/** Where a whole round found nothing to attack, and after a failure that may pass. */
const PAUSE_MS = 60_000;

/** Every row in turn, each round from another seed. What one model is to blame for does not end it; what the site refuses does. */
async function volunteer(args: HuntArguments, signal: AbortSignal, log: (line: string) => void): Promise<void> {
  const site = siteOf(args, log);
  for (let round = 0; !signal.aborted; round++) {
    let attackedInAll = 0;
    for (const { model, board } of await rowsToHunt(site, args.boards)) {
      if (signal.aborted) return;
      log(`${model} on ${board.id}`);
      const one = { ...args, model, board, seed: (args.seed + round) >>> 0 };
      try {
        const { attacked, broken, files } = await huntOnSite(one, site, log, signal);
        attackedInAll += attacked;
        if (attacked > 0) await writeOut(`${model} on ${board.id}: broke ${broken} of ${attacked} images\n`);
        for (const file of files) await send(one, site, file);
      } catch (error) {
        if (!(error instanceof Failure) || error instanceof SiteRefusal) throw error;
        log(`${model} on ${board.id}: ${error.message}`);
      }
    }
    if (attackedInAll === 0) await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
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
    const log = args.quiet ? () => undefined : (line: string) => void process.stderr.write(`${line}\n`);
    await (args.all ? volunteer : run)(args, stop.signal, log);
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
