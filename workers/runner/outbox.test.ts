import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunnerKey, readOrMakeKey } from './key';
import { Outbox } from './outbox';

const SITE = 'https://example.org';
let folder: string;
let key: RunnerKey;
let said: string[];
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-outbox-'));
  key = await readOrMakeKey(path.join(folder, 'key.json'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openBox = () => Outbox.open(path.join(folder, 'outbox'), (line) => said.push(line));
function letter(server = SITE) {
  const report = `{"name":"Zürich \\ud800 ${randomUUID()}"}`;
  const signature = key.attest(new TextEncoder().encode(report));
  return { server, job: randomUUID(), runner: randomUUID(), publicKey: key.publicKey, signature, report };
}

it('gives back the exact text after a restart, and to the site alone that it is for', async () => {
  const [ours, theirs] = [letter(), letter('https://example.com')];
  const box = await openBox();
  await box.put(ours);
  await box.put(theirs);
  const again = await openBox();
  expect(await again.waiting(SITE)).toEqual([{ schema: 'outbox/1', ...ours }]);
  await again.remove(ours.job);
  expect(await again.waiting(SITE)).toEqual([]);
  expect(await again.waiting(theirs.server)).toHaveLength(1);
});

it.each<[string, (text: string) => string]>([
  ['torn', (text) => text.slice(0, 300)],
  ['changed', (text) => text.replace('Zürich', 'Zurich')],
  ['empty', () => ''],
])('a letter that is %s is put aside and named', async (_, damage) => {
  const box = await openBox();
  const { job, ...rest } = letter();
  await box.put({ job, ...rest });
  const file = path.join(folder, 'outbox', `${job}.json`);
  writeFileSync(file, damage(readFileSync(file, 'utf8')));
  expect(await box.waiting(SITE)).toEqual([]);
  expect(said).toEqual([`${file} is damaged and cannot be sent; it is now ${job}.json.damaged`]);
  expect(readdirSync(path.join(folder, 'outbox'))).toEqual([`${job}.json.damaged`]);
});

it('a key stays the same, signs the same, and a damaged one is named', async () => {
  const file = path.join(folder, 'key.json');
  const report = new TextEncoder().encode('{}');
  const again = await readOrMakeKey(file);
  expect([again.publicKey, again.attest(report)]).toEqual([key.publicKey, key.attest(report)]);
  writeFileSync(file, '{"schema":"runner-key/1","privateKey":"AAAA"}');
  await expect(readOrMakeKey(file)).rejects.toMatchObject({ code: 'arguments', message: expect.stringContaining(`${file} is damaged`) });
});

it('two that start at once on a new folder have one key', async () => {
  const file = path.join(folder, 'new.json');
  const keys = await Promise.all([1, 2, 3].map(() => readOrMakeKey(file)));
  expect(new Set(keys.map((k) => k.publicKey)).size).toBe(1);
});
