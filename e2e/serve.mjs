/** The site as `npm start` brings it, with what it prints kept in DATA_DIR/site.log, where a journey finds the first admin's link; GitHub is played. */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { APP, playGithub } from './played-github.mjs';

const log = path.join(process.env.DATA_DIR ?? '.', 'site.log');
const github = await playGithub();
const env = {
  ...process.env,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${new URL('reroute-github.mjs', import.meta.url)}`.trim(),
  ...{ PLAYED_GITHUB: github.origin, GITHUB_CLIENT_ID: APP.clientId, GITHUB_CLIENT_SECRET: APP.clientSecret },
};
const site = spawn(process.execPath, ['scripts/start.mjs'], { stdio: ['ignore', 'pipe', 'inherit'], env });
site.stdout.on('data', (text) => appendFileSync(log, text));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => site.kill(signal));
site.on('exit', (code) => process.exit(code ?? 1));
