/** The production build, made anew only where what it is made of has changed. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal, runToEnd } from './processes.mjs';
import { sourceList } from './sources.mjs';
import { copyWasmFiles } from './wasm-files.mjs';

export const NEXT = path.join('node_modules', 'next', 'dist', 'bin', 'next');

const SOURCES = [
  'app',
  'lib',
  'workers',
  'db',
  'public',
  'proxy.ts',
  'instrumentation.ts',
  'next.config.js',
  'postcss.config.mjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];
/**
 * SHA-256 over the names and contents of everything that the build reads, and the variables that it writes into pages.
 * @param {string} root
 * @param {Record<string, string | undefined>} [env]
 */
export function sourceHash(root, env = process.env) {
  const hash = createHash('sha256').update(sourceList(root, SOURCES));
  for (const name of Object.keys(env).sort()) {
    if (name.startsWith('NEXT_PUBLIC_') || name === 'NEXT_OUTPUT') hash.update(`${name}=${env[name]}\n`);
  }
  return hash.digest('hex');
}

/** next.config.js reads the same variable. */
const inBuild = (root, name) => path.resolve(root, process.env.NEXT_DIST_DIR || '.next', name);
const stampOf = (root) => inBuild(root, 'simplexity-source');

export function isBuilt(root) {
  const stamp = stampOf(root);
  return existsSync(inBuild(root, 'BUILD_ID')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash(root);
}

/** @param {(line: string) => void} log */
export async function buildIfChanged(root, log) {
  copyWasmFiles(root);
  if (isBuilt(root)) return;
  log('building the site (next build)');
  rmSync(stampOf(root), { force: true });
  const hash = sourceHash(root);
  const { code } = await runToEnd(process.execPath, [NEXT, 'build'], {
    cwd: root,
    env: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: undefined },
    limitMs: 15 * 60_000,
  });
  if (code !== 0) throw new Refusal(`the site could not be built: next build ended with code ${code}`);
  writeFileSync(stampOf(root), hash);
}
