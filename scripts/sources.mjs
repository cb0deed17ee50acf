/** What files of the repository a thing is made of, as one digest. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Generated (by the lock file's digest it is known), or read by tests alone. */
const IGNORED = /^public\/wasm\/|^(lib|workers)\/testing\/|\.test\.tsx?$|(^|\/)\.[^/]*$/;

function* filesOf(root, at) {
  const full = path.join(root, at);
  if (!existsSync(/*turbopackIgnore: true*/ full)) return;
  if (IGNORED.test(at)) return;
  const entries = readdirSync(path.dirname(full), { withFileTypes: true });
  if (!entries.find((e) => e.name === path.basename(full))?.isDirectory()) {
    yield at;
    return;
  }
  for (const name of readdirSync(full).sort()) yield* filesOf(root, `${at}/${name}`);
}

/** A checkout may end its lines in either way. */
const contentOf = (file) => readFileSync(file, 'latin1').replaceAll('\r\n', '\n');

/**
 * Lines `<sha256 of the content>  <path>` of files and of everything in folders.
 * @param {string} root
 * @param {readonly string[]} sources
 */
export function sourceList(root, sources) {
  const line = (file) =>
    `${createHash('sha256')
      .update(contentOf(path.join(root, file)), 'latin1')
      .digest('hex')}  ${file}\n`;
  return sources.flatMap((source) => [...filesOf(root, source)].map(line)).join('');
}

/** What decides the numbers of a run: the library, the threads that measure with it, and the packages below. */
const MEASURING = ['lib', 'workers/layer-memory.ts', 'workers/measurer.ts', 'workers/threads.ts', 'package-lock.json'];

/** SHA-256 that two runs share only where the same code measures. */
export const codeDigest = (root) => createHash('sha256').update(sourceList(root, MEASURING)).digest('hex');
