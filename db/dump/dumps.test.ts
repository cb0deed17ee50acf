import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { eq } from 'drizzle-orm';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { wholeReport } from '../../lib/testing/whole-report';
import type { Db } from '../client';
import { removeLooseBlobs } from '../queries/loose-blobs';
import { complain } from '../queries/moderation';
import { dumps, events, looseBlobs, versions } from '../schema';
import { memoryBlobs } from '../testing/blobs';
import { freshPglite } from '../testing/databases';
import { anAccount, aRun, aVersion } from '../testing/rows';
import { allDumps, dumpOfToday } from './dumps';
import { packDump } from './pack';
import { DUMPED, jsonLines, PAGE } from './tables';

let db: Db;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ db, close } = await freshPglite());
});
afterEach(() => close());

/** Files of a dump, by their name without the folder. */
async function unpacked(bytes: Uint8Array): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const tar = extract();
  tar.end(gunzipSync(bytes));
  for await (const entry of tar) {
    const pieces: Buffer[] = [];
    for await (const piece of entry) pieces.push(piece as Buffer);
    found.set(entry.header.name.split('/')[1], Buffer.concat(pieces).toString());
  }
  return found;
}

async function someRows(): Promise<void> {
  const owner = await anAccount(db, { name: 'Ada' });
  const { version, model } = await aVersion(db, { ownerId: owner, name: 'Seen by all', sha256: 'b'.repeat(64) });
  await aRun(db, version.id, wholeReport({ sha256: 'b'.repeat(64) }), 'claim', owner);
  await complain(db, { versionId: version.id, kind: 'other', text: 'What only admins read', accountId: owner });
  await db.insert(events).values({ kind: 'complaint-answered', accountId: owner, data: { answer: 'What only one is told' } });
  await db.insert(events).values({ kind: 'published', modelId: model.id, versionId: version.id, accountId: owner });
  await aVersion(db, { ownerId: owner, name: 'A secret draft', state: 'draft' });
  const hidden = await aVersion(db, { ownerId: owner, name: 'Out of sight' });
  await db
    .update(versions)
    .set({ state: 'hidden', reasons: ['a reason'] })
    .where(eq(versions.id, hidden.version.id));
}

it('a dump holds what everybody may see, a table each, and nothing else', async () => {
  await someRows();
  const { bytes, rows } = await packDump(db);
  const files = await unpacked(bytes);
  expect([...files.keys()]).toEqual(['README.txt', ...DUMPED.flatMap((table) => [`${table}.jsonl`, `${table}.parquet`])]);
  expect(rows).toMatchObject({ models: 1, versions: 1, standings: 1, runs: 1 });
  expect(JSON.parse(files.get('models.jsonl') as string)).toMatchObject({ name: 'Seen by all', owner: 'Ada' });
  expect(JSON.parse(files.get('runs.jsonl') as string)).toMatchObject({ kind: 'claim', by: 'Ada' });
  const all = [...files.values()].join('');
  expect(all).not.toMatch(/@example\.org|secret draft|Out of sight|only admins|only one is told|accountId|ownerId/);
});

it('tables longer than a page are whole and in order', async () => {
  const { version, model } = await aVersion(db);
  const many = Array.from({ length: 2 * PAGE + 1 }, () => ({ kind: 'published' as const, modelId: model.id, versionId: version.id }));
  await db.insert(events).values(many);
  const { text, rows } = await jsonLines(db, 'events');
  const ids = text
    .toString()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { id: number }).id);
  expect(rows).toBe(2 * PAGE + 1);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  expect(ids).toHaveLength(rows);
});

it('the site makes one a day, keeps seven, and lets the bytes of older ones go', async () => {
  await someRows();
  const blobs = memoryBlobs();
  for (let n = 1; n <= 7; n++) {
    const sha256 = String(n).repeat(64);
    await blobs.put(sha256, new Uint8Array([n]));
    await db.insert(dumps).values({ day: `2020-01-0${n}`, sha256, bytes: 1, rows: {} });
  }
  const made = await dumpOfToday(db, blobs);
  expect(await dumpOfToday(db, blobs)).toEqual(made);
  const bytes = (await blobs.get(made.sha256)) as Uint8Array;
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(made.sha256);
  expect(made.bytes).toBe(bytes.length);
  expect((await allDumps(db)).map(({ day }) => day)).toEqual([made.day, ...[7, 6, 5, 4, 3, 2].map((n) => `2020-01-0${n}`)]);
  expect(await db.select({ sha256: looseBlobs.sha256 }).from(looseBlobs)).toEqual([{ sha256: '1'.repeat(64) }]);
  await removeLooseBlobs(db, blobs);
  expect(await blobs.has('1'.repeat(64))).toBe(false);
  expect(await blobs.has(made.sha256)).toBe(true);
});
