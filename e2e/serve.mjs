/** The site as `npm start` brings it, with what it prints kept in DATA_DIR/site.log, where a journey finds the first admin's link. */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';

const log = path.join(process.env.DATA_DIR ?? '.', 'site.log');
const site = spawn(process.execPath, ['scripts/start.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] });
site.stdout.on('data', (text) => appendFileSync(log, text));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => site.kill(signal));
site.on('exit', (code) => process.exit(code ?? 1));
