/** Dependencies: `npm ci` where they are missing or not those of the lock file. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npmCommand, Refusal, runToEnd } from './processes.mjs';

export const ROOT = path.resolve(import.meta.dirname, '..');

const readLock = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * What npm noted in node_modules is what the lock file asks for. Optional packages may be absent: each machine installs
 * those of its platform.
 * @param {Record<string, { version?: string, optional?: boolean }>} wanted
 * @param {Record<string, { version?: string }>} installed
 */
export function isInstalled(wanted, installed) {
  const known = Object.entries(wanted).every(
    ([at, { version, optional }]) => at === '' || (installed[at] ? installed[at].version === version : optional === true),
  );
  return known && Object.keys(installed).every((at) => Object.hasOwn(wanted, at));
}

/** Installed by somebody else, from the same lock file. */
function installedByHand(root) {
  try {
    return isInstalled(readLock(path.join(root, 'package-lock.json')), readLock(path.join(root, 'node_modules', '.package-lock.json')));
  } catch {
    return false;
  }
}

/** @param {(line: string) => void} log must not write to stdout where a caller's stdout is data */
export async function ensureDependencies(log, root = ROOT) {
  const stamp = path.join(root, 'node_modules', '.simplexity-lock');
  const digest = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  if (!installedByHand(root)) {
    log('installing dependencies (npm ci)');
    const [npm, ...first] = npmCommand();
    const { code } = await runToEnd(npm, [...first, 'ci', '--no-audit', '--no-fund'], { cwd: root });
    if (code !== 0) throw new Refusal(`the dependencies could not be installed: npm ci ended with code ${code}`);
  }
  writeFileSync(stamp, digest);
}
