import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isBuilt, sourceHash } from './build.mjs';

let root: string;
const put = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-build-'));
  put('app/page.tsx', 'page');
  put('lib/a/b.ts', 'b');
  put('package-lock.json', '{}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('changes with the content, the name and the place of a source', () => {
  const hashes = [sourceHash(root, {})];
  put('lib/a/b.ts', 'B');
  hashes.push(sourceHash(root, {}));
  put('lib/a/c.ts', '');
  hashes.push(sourceHash(root, {}));
  rmSync(path.join(root, 'lib/a/c.ts'));
  put('lib/c.ts', '');
  hashes.push(sourceHash(root, {}));
  put('next.config.js', 'export default {}');
  hashes.push(sourceHash(root, {}));
  hashes.push(sourceHash(root, { NEXT_PUBLIC_NAME: 'x' }));
  expect(new Set(hashes).size).toBe(hashes.length);
});

it('stays the same over times, tests, hidden and generated files, and other variables', () => {
  const before = sourceHash(root, {});
  utimesSync(path.join(root, 'app/page.tsx'), 1, 1);
  put('lib/a/b.test.ts', 'test');
  put('app/.page.tsx.swp', 'editor');
  put('public/wasm/x.wasm', 'generated');
  put('e2e/x.spec.ts', 'journey');
  put('docs/x.md', 'text');
  expect(sourceHash(root, { PORT: '3000' })).toBe(before);
});

it('counts as built only with the stamp of these sources beside a finished build', () => {
  expect(isBuilt(root)).toBe(false);
  put('.next/simplexity-source', sourceHash(root));
  expect(isBuilt(root)).toBe(false);
  put('.next/BUILD_ID', 'id');
  expect(isBuilt(root)).toBe(true);
  put('app/page.tsx', 'other');
  expect(isBuilt(root)).toBe(false);
});
