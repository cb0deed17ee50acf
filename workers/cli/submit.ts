/** `npm run -s submit`: a model's files to a site, over its public API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { untilStopped } from '../node/until-stopped';
import { writeOut } from './outputs';
import { submitCommand } from './submit-command';

void untilStopped((signal) =>
  submitCommand(process.argv.slice(2), {
    env: process.env,
    fetch,
    signal,
    stdout: writeOut,
    stderr: process.stderr,
    wait: async (ms, signal) => void (await sleep(ms, undefined, { signal })),
  }),
);
