/** `npm run -s runner`: measures for a site. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../lib/data/make-folder';
import { Failure } from '../../lib/failure';
import { writeOut } from '../cli/outputs';
import { lockFile } from '../node/lock-file';
import { untilStopped } from '../node/until-stopped';
import { SiteRefusal } from '../site-api';
import { RUNNER_HELP, type RunnerArguments, readRunnerArguments } from './arguments';
import { folderBlocks } from './block-cache';
import { chooseDevice } from './device';
import { checkpointOf, type Outcome } from './do-job';
import { readOrMakeKey } from './key';
import { runLoop } from './loop';
import { registeredSchema } from './messages';
import { Outbox } from './outbox';
import { RunnerSite } from './site';
import { versions } from './versions';

const EXIT = { arguments: 2, site: 4, other: 1 } as const;
const EXIT_OF: Record<Outcome, number> = { done: 0, 'given-up': 0, stopped: 0, 'model-refused': 5, failed: 5 };

const warn = (line: string) => void process.stderr.write(`${line}\n`);

async function run(args: RunnerArguments, signal: AbortSignal): Promise<number> {
  const say = args.quiet ? () => undefined : warn;
  const folder = path.join(path.resolve(args.dataDir), 'runner');
  await makeFolder(folder).catch((cause) => {
    throw new Failure('arguments', `--data-dir: ${folder} could not be made: ${(cause as Error).message}`, { cause });
  });
  const unlock = await lockFile(path.join(folder, 'key.json'));
  try {
    const key = await readOrMakeKey(path.join(folder, 'key.json'));
    const site = new RunnerSite(args.server, args.token, say);
    // Profiles of browsers whose runner was killed.
    await rm(path.join(folder, 'chromium'), { recursive: true, force: true });
    const device = await chooseDevice(args, { site, folder, say, signal });
    const { chromium: _, ...said } = device;
    const body = JSON.stringify({ name: args.name, publicKey: key.publicKey, ...said, versions });
    const request = { method: 'POST', path: '/runners', type: 'application/json', body } as const;
    const { id, approved } = await site.ask(request, registeredSchema, signal, { first: true });
    say(
      `runner ${id}, ${device.backend} on ${device.device}, ${device.engine}${approved ? '' : '; not approved yet, an admin of the site has to'}`,
    );
    const jobs = path.join(folder, 'jobs');
    const outcome = await runLoop(
      {
        ...{ site, key, runner: id, say, warn, signal, device },
        ...(args.workers ? { workers: args.workers } : {}),
        outbox: await Outbox.open(path.join(folder, 'outbox'), warn),
        blocks: await folderBlocks(path.join(folder, 'blocks')),
        jobs,
        forget: (job) => rm(checkpointOf(jobs, job), { force: true }),
      },
      args.once,
    );
    return EXIT_OF[outcome];
  } catch (error) {
    if (signal.aborted) return 0;
    throw error;
  } finally {
    await unlock();
  }
}

void untilStopped(async (signal) => {
  try {
    const args = readRunnerArguments(process.argv.slice(2), process.env);
    if (args === 'help') {
      await writeOut(RUNNER_HELP);
      return 0;
    }
    return await run(args, signal);
  } catch (error) {
    if (error instanceof SiteRefusal) warn(`${error.message} (${error.code})`);
    else warn(error instanceof Failure ? error.message : `${(error as Error).stack}`);
    if (error instanceof SiteRefusal) return EXIT.site;
    return error instanceof Failure ? EXIT.arguments : EXIT.other;
  }
});
