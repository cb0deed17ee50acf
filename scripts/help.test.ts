import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import packageJson from '../package.json';

/** The scripts alone, as before `npm ci`: without a lock file to install from, anything but the answer would fail. */
let checkout: string;
beforeAll(() => {
  checkout = mkdtempSync(path.join(os.tmpdir(), 'simplexity-help-'));
  cpSync(import.meta.dirname, path.join(checkout, 'scripts'), { recursive: true, filter: (file) => !file.endsWith('.test.ts') });
  cpSync(path.join(import.meta.dirname, '../package.json'), path.join(checkout, 'package.json'));
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

/** An npm script as npm calls it, with the arguments that stand after `--`. */
async function call(script: 'start' | 'dev' | 'test' | 'check', ...args: string[]) {
  const [program, ...first] = packageJson.scripts[script].split(' ');
  expect(program).toBe('node');
  const child = spawn(process.execPath, [...first, ...args], { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

const SITE = ['HOST', 'PORT', 'DATA_DIR', 'DATASETS_DIR', 'SIMPLEXITY_SECRET'];
it.each([
  ['start', 'npm start', SITE],
  ['dev', 'npm run dev', SITE],
  ['test', 'npm test', ['CHROMIUM_PATH', 'DATASETS_DIR']],
  ['check', 'npm run check', []],
] as const)('%s answers --help on a fresh checkout: what it does and the variables that it reads', async (script, usage, variables) => {
  for (const flag of ['--help', '-h']) {
    const { code, stdout, stderr } = await call(script, flag);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`\n  ${usage}\n`);
    expect(stdout.match(/^ {2}[A-Z_]+(?= {2})/gm)?.map((name) => name.trim()) ?? []).toEqual(variables);
  }
  expect(readdirSync(checkout).sort()).toEqual(['package.json', 'scripts']);
});
