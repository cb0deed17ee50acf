import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { codeDigest } from './sources.mjs';

let root: string;
const put = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-sources-'));
  put('lib/attacks/pgd.ts', 'one\ntwo\n');
  put('package-lock.json', '{}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('the code of a run is another one where what measures, or a package, has changed', () => {
  const digests = [codeDigest(root)];
  put('lib/attacks/pgd.ts', 'one\nthree\n');
  digests.push(codeDigest(root));
  put('workers/measurer.ts', 'measurer');
  digests.push(codeDigest(root));
  put('package-lock.json', '{"tfjs":2}');
  digests.push(codeDigest(root));
  expect(new Set(digests).size).toBe(digests.length);
});

it('it stays the same over tests, pages, commands and the way that lines end', () => {
  const before = codeDigest(root);
  put('lib/attacks/pgd.ts', 'one\r\ntwo\r\n');
  put('lib/attacks/pgd.test.ts', 'test');
  put('lib/testing/draw.ts', 'for tests');
  put('app/page.tsx', 'page');
  put('workers/cli/evaluate.ts', 'command');
  expect(codeDigest(root)).toBe(before);
});
