import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { eq, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { readModel } from '../../lib/model/preflight';
import { wholeReport } from '../../lib/testing/whole-report';
import { checkVersion } from '../check-version';
import type { Db } from '../client';
import { type Recipe, versions, weightSketches } from '../schema';
import { sketchOld } from '../sketch-old';
import { memoryBlobs } from '../testing/blobs';
import { onEachDatabase } from '../testing/databases';
import { anAccount, aRun } from '../testing/rows';
import { boardRows } from './board';
import { NEAR, nearDuplicateOf } from './duplicates';
import { beginSubmission, publish, recordArrival } from './submissions';

const BOARD = 'fashion-mnist/linf';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const shard = (name: string) => new Uint8Array(readFileSync(`lib/testing/models/${name}/group1-shard1of1.bin`));
const json = new Uint8Array(readFileSync('lib/testing/models/fmnist_at/model.json'));

/** `fmnist_at` with every weight moved by this share of itself, up and down by turns. */
function moved(share: number): Uint8Array {
  const bytes = shard('fmnist_at').slice();
  const values = new Float32Array(bytes.buffer);
  for (let i = 0; i < values.length; i++) values[i] *= 1 + (i % 2 ? share : -share);
  return bytes;
}

/** A draft of this account, checked by the site. */
async function draft(db: Db, blobs: ReturnType<typeof memoryBlobs>, accountId: string, name: string, weights: Uint8Array) {
  const contents = new Map([
    ['model.json', json],
    ['group1-shard1of1.bin', weights],
  ]);
  const model = await readModel(contents);
  if (!model.ok) throw new Error(model.reasons.join());
  const begun = await beginSubmission(db, {
    ...{ accountId, name, board: BOARD, sha256: model.value.sha256, description: '', recipe: 'AT' as Recipe, extraData: null },
    ...{ epsilonTrained: 0.1, paperUrl: null, codeUrl: null, licence: 'MIT' },
    files: [...contents].map(([path, bytes]) => ({ path, sha256: sha256(bytes), bytes: bytes.length })),
  });
  if (!begun.ok) throw new Error(begun.message);
  for (const bytes of contents.values()) {
    await blobs.put(sha256(bytes), bytes);
    await recordArrival(db, begun.value.versionId, sha256(bytes));
  }
  expect(await checkVersion(db, blobs, begun.value.versionId)).toMatchObject({ ok: true });
  return begun.value.versionId;
}

onEachDatabase('weights that are almost another account’s', ({ test }) => {
  test('are flagged when they are published, with the nearest model that was there before; own ones and others’ are not', async (db) => {
    const [ada, eve] = [await anAccount(db), await anAccount(db)];
    const blobs = memoryBlobs();
    const first = await draft(db, blobs, ada, 'First', moved(0));
    const again = await draft(db, blobs, ada, 'Again', moved(0.002));
    const copy = await draft(db, blobs, eve, 'Copy', moved(0.0005));
    const own = await draft(db, blobs, eve, 'Own', shard('fmnist_st'));
    await publish(db, ada, first);
    await publish(db, ada, again);
    expect(await nearDuplicateOf(db, copy), 'a draft is nobody’s business').toBeUndefined();
    await publish(db, eve, copy);
    await publish(db, eve, own);
    const near = await nearDuplicateOf(db, copy);
    expect(near).toMatchObject({ slug: 'first', version: 1 });
    expect(near?.cosine).toBeGreaterThan(NEAR);
    expect(near?.cosine).toBeLessThan(1);
    for (const id of [first, again, own]) expect(await nearDuplicateOf(db, id)).toBeUndefined();

    const [{ hash }] = await db.select({ hash: versions.sha256 }).from(versions).where(eq(versions.id, copy));
    await aRun(db, copy, wholeReport({ sha256: hash }), 'claim', eve);
    const rows = async () => (await boardRows(db, { board: BOARD, protocol: '1', sort: 'date', limit: 10 })).rows;
    expect(await rows()).toMatchObject([{ nearDuplicate: 'first@1', nearDuplicateCosine: near?.cosine }]);
    // What the admins took from sight is not named.
    await db.update(versions).set({ state: 'hidden' }).where(eq(versions.id, first));
    expect(await nearDuplicateOf(db, copy)).toBeUndefined();
    expect(await rows()).toMatchObject([{ nearDuplicate: null, nearDuplicateCosine: null }]);
  });

  test('are not what differs by more than the threshold says', async (db) => {
    const [ada, eve] = [await anAccount(db), await anAccount(db)];
    const blobs = memoryBlobs();
    await publish(db, ada, await draft(db, blobs, ada, 'First', moved(0)));
    const [near, far] = [await draft(db, blobs, eve, 'Near', moved(0.006)), await draft(db, blobs, eve, 'Far', moved(0.02))];
    for (const id of [near, far]) await publish(db, eve, id);
    // Where kernel, scale and variance move together a channel moves by 1.5 times the share; 1 − cosine is half the square of that.
    expect((await nearDuplicateOf(db, near))?.cosine).toBeCloseTo(1 - (1.5 * 0.006) ** 2 / 2, 5);
    expect(await nearDuplicateOf(db, far)).toBeUndefined();
  });

  test('are found among what was published before the site looked for them, the later one of two', async (db) => {
    const [ada, eve] = [await anAccount(db), await anAccount(db)];
    const blobs = memoryBlobs();
    const first = await draft(db, blobs, ada, 'First', moved(0));
    const copy = await draft(db, blobs, eve, 'Copy', moved(0.001));
    await publish(db, ada, first);
    await publish(db, eve, copy);
    for (const [id, day] of [
      [first, '2026-01-01'],
      [copy, '2026-01-02'],
    ])
      await db
        .update(versions)
        .set({ publishedAt: sql`${day}::timestamptz` })
        .where(eq(versions.id, id));
    // The first one's is taken after the copy's.
    await db.delete(weightSketches).where(eq(weightSketches.versionId, first));
    await db.update(weightSketches).set({ nearVersionId: null, cosine: null });
    expect(await nearDuplicateOf(db, copy)).toBeUndefined();
    expect(await sketchOld(db, blobs)).toBe(1);
    expect(await nearDuplicateOf(db, copy)).toMatchObject({ slug: 'first' });
    expect(await nearDuplicateOf(db, first)).toBeUndefined();
    expect(await sketchOld(db, blobs)).toBe(0);
    // Files that are gone are not looked for again and again.
    await db.delete(weightSketches).where(eq(weightSketches.versionId, first));
    blobs.contents.clear();
    expect([await sketchOld(db, blobs), await sketchOld(db, blobs)]).toEqual([1, 0]);
  });
});
