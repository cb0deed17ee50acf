import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../lib/model/preflight';
import { checkVersion } from '../check-version';
import type { Db } from '../client';
import { events, files, models, versions } from '../schema';
import { memoryBlobs } from '../testing/blobs';
import { onEachDatabase } from '../testing/databases';
import { anAccount } from '../testing/rows';
import { sharersOfWeights } from './duplicates';
import { filesOf, historyOf, modelBySlug, type Reader, versionBySha256 } from './models';
import { slugOf } from './slugs';
import { beginSubmission, discard, MAX_DRAFTS, type NewSubmission, ownVersion, publish, recordArrival } from './submissions';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function bundled(name: string) {
  const contents = new Map(
    ['model.json', 'group1-shard1of1.bin'].map((path) => [path, new Uint8Array(readFileSync(`lib/testing/models/${name}/${path}`))]),
  );
  const model = await readModel(contents);
  if (!model.ok) throw new Error(model.reasons.join());
  const list = [...contents].map(([path, bytes]) => ({ path, sha256: sha256(bytes), bytes: bytes.length }));
  return { contents, list, sha256: model.value.sha256 };
}
const ST = await bundled('fmnist_st');

const submission = (accountId: string, changes: Partial<NewSubmission> = {}): NewSubmission => ({
  accountId,
  name: 'PreAct-18 (AT)',
  board: 'fashion-mnist/linf',
  sha256: ST.sha256,
  files: ST.list,
  description: '',
  recipe: 'AT',
  extraData: null,
  epsilonTrained: 0.1,
  paperUrl: null,
  codeUrl: null,
  licence: 'MIT',
  ...changes,
});

async function begun(db: Db, input: NewSubmission) {
  const result = await beginSubmission(db, input);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

async function upload(db: Db, blobs: ReturnType<typeof memoryBlobs>, versionId: string) {
  for (const bytes of ST.contents.values()) {
    await blobs.put(sha256(bytes), bytes);
    await recordArrival(db, versionId, sha256(bytes));
  }
}

onEachDatabase('a submission', ({ test }) => {
  test('goes from a list of files over the server’s own check to a public version', async (db) => {
    const account = await anAccount(db);
    const blobs = memoryBlobs();
    const { versionId, slug, missing } = await begun(db, submission(account));
    expect({ slug, missing }).toEqual({ slug: 'preact-18-at', missing: ST.list.map((f) => f.sha256).sort() });
    expect(await checkVersion(db, blobs, versionId)).toMatchObject({ ok: false, code: 'files-missing' });
    await upload(db, blobs, versionId);
    expect(await publish(db, account, versionId)).toMatchObject({ ok: false, code: 'not-ready' });
    expect(await checkVersion(db, blobs, versionId)).toMatchObject({ ok: true, value: { state: 'draft', missing: [] } });
    expect(await publish(db, account, versionId)).toMatchObject({ ok: true, value: { state: 'public', number: 1 } });
    expect(await publish(db, account, versionId)).toMatchObject({ ok: true, value: { state: 'public' } });
    const [version] = await db.select().from(versions).where(eq(versions.id, versionId));
    expect(version).toMatchObject({ params: 98684, classes: 10, featureDim: 128, bytes: 402030 });
    const happened = await db.select().from(events).where(eq(events.versionId, versionId)).orderBy(events.id);
    expect(happened.map((e) => e.kind)).toEqual(['submitted', 'published']);
  });

  test('that was interrupted is found again, also when it is sent twice', async (db) => {
    const account = await anAccount(db);
    const blobs = memoryBlobs();
    const first = await begun(db, submission(account));
    await blobs.put(ST.list[0].sha256, ST.contents.get(ST.list[0].path) as Uint8Array);
    await recordArrival(db, first.versionId, ST.list[0].sha256);
    const again = await begun(db, submission(account));
    expect(again).toEqual({ ...first, missing: [ST.list[1].sha256] });
  });

  test('whose bytes are not what it said is refused, with the reason, and can be sent again', async (db) => {
    const account = await anAccount(db);
    const blobs = memoryBlobs();
    const { versionId } = await begun(db, submission(account, { sha256: 'f'.repeat(64) }));
    await upload(db, blobs, versionId);
    const refused = {
      ok: false,
      code: 'model-refused',
      message: `the files make up model ${ST.sha256}; the submission says ${'f'.repeat(64)}`,
    };
    expect(await checkVersion(db, blobs, versionId)).toEqual(refused);
    expect(await checkVersion(db, blobs, versionId)).toEqual(refused);
    expect(await publish(db, account, versionId)).toMatchObject({ ok: false, code: 'not-ready' });
    expect(await begun(db, submission(account, { sha256: 'f'.repeat(64) }))).toMatchObject({ versionId, state: 'uploading', missing: [] });
  });

  test('for a board of another shape is refused', async (db) => {
    const account = await anAccount(db);
    const blobs = memoryBlobs();
    const { versionId } = await begun(db, submission(account, { board: 'cifar-10/linf' }));
    await upload(db, blobs, versionId);
    expect(await checkVersion(db, blobs, versionId)).toMatchObject({
      ok: false,
      code: 'model-refused',
      message: 'model.json: the input has shape [28,28,1]; CIFAR-10 has images of [32,32,3]',
    });
  });

  test('a blob that got lost or was damaged is asked for again', async (db) => {
    const account = await anAccount(db);
    const blobs = memoryBlobs();
    const { versionId } = await begun(db, submission(account));
    await upload(db, blobs, versionId);
    await blobs.put(ST.list[1].sha256, new Uint8Array(ST.list[1].bytes));
    expect(await checkVersion(db, blobs, versionId)).toMatchObject({ ok: false, code: 'files-missing' });
    expect((await begun(db, submission(account))).missing).toEqual([ST.list[1].sha256]);
    // A store keeps the first bytes of a name, so the damaged ones must have gone.
    expect(await blobs.has(ST.list[1].sha256)).toBe(false);
  });

  test('begun again with other words or for another board is what was said last, until it is public', async (db) => {
    const account = await anAccount(db);
    const blobs = memoryBlobs();
    const { versionId, slug } = await begun(db, submission(account));
    await upload(db, blobs, versionId);
    await checkVersion(db, blobs, versionId);
    const said = async () => {
      const [{ name }] = await db.select().from(models).where(eq(models.slug, slug));
      const [{ licence, description }] = await db.select().from(versions).where(eq(versions.id, versionId));
      return { name, licence, description };
    };
    expect(await begun(db, submission(account, { licence: 'CC0-1.0', name: 'Renamed' }))).toMatchObject({
      versionId,
      slug,
      state: 'draft',
    });
    expect(await said()).toEqual({ licence: 'CC0-1.0', name: 'Renamed', description: '' });
    const other = submission(account, { board: 'fashion-mnist/l2', name: 'Renamed' });
    expect(await begun(db, other)).toMatchObject({ versionId, state: 'uploading', missing: [] });
    expect(await checkVersion(db, blobs, versionId)).toMatchObject({ ok: true, value: { state: 'draft' } });
    expect((await db.select().from(versions).where(eq(versions.id, versionId)))[0].board).toBe('fashion-mnist/l2');
    await publish(db, account, versionId);
    await begun(db, { ...other, licence: 'Apache-2.0', description: 'changed afterwards' });
    expect(await said()).toEqual({ licence: 'MIT', description: '', name: 'Renamed' });
  });

  test('of the same name whose last answer got lost is found again when it is public', async (db) => {
    const [account, other] = [await anAccount(db), await anAccount(db)];
    const blobs = memoryBlobs();
    const { versionId, slug } = await begun(db, submission(account));
    await upload(db, blobs, versionId);
    await checkVersion(db, blobs, versionId);
    await publish(db, account, versionId);
    const found = { versionId, slug, state: 'public', missing: [] };
    expect(await begun(db, submission(account))).toMatchObject(found);
    expect(await begun(db, submission(account, { modelSlug: slug }))).toMatchObject(found);
    const twin = { ok: false, code: 'duplicate-model' };
    expect(await beginSubmission(db, submission(account, { name: 'Another' }))).toMatchObject(twin);
    expect(await beginSubmission(db, submission(account, { modelSlug: 'elsewhere' }))).toMatchObject(twin);
    expect(await beginSubmission(db, submission(other))).toMatchObject(twin);
  });

  test('knowing the hashes of somebody’s draft opens nothing', async (db) => {
    const [owner, other] = [await anAccount(db), await anAccount(db)];
    const blobs = memoryBlobs();
    const { versionId, slug } = await begun(db, submission(owner));
    await upload(db, blobs, versionId);
    await checkVersion(db, blobs, versionId);
    expect((await begun(db, submission(other))).missing).toHaveLength(2);
    expect(await modelBySlug(db, slug, null)).toBeUndefined();
    expect(await modelBySlug(db, slug, { accountId: other, role: 'submitter' })).toBeUndefined();
    expect(await versionBySha256(db, ST.sha256, null)).toBeUndefined();
    expect(await ownVersion(db, other, versionId)).toBeUndefined();
    for (const reader of [
      { accountId: owner, role: 'submitter' as const },
      { accountId: other, role: 'admin' as const },
    ])
      expect((await modelBySlug(db, slug, reader))?.versions).toHaveLength(1);
  });

  test('bytes that are public need not be sent again, and the same weights stand on the site once', async (db) => {
    const [owner, other] = [await anAccount(db), await anAccount(db)];
    const blobs = memoryBlobs();
    const { versionId, slug } = await begun(db, submission(owner));
    await upload(db, blobs, versionId);
    await checkVersion(db, blobs, versionId);
    const rival = await begun(db, submission(other));
    await publish(db, owner, versionId);
    expect(await beginSubmission(db, submission(await anAccount(db)))).toMatchObject({
      ok: false,
      code: 'duplicate-model',
      message: expect.stringContaining(slug),
    });
    expect((await begun(db, submission(await anAccount(db), { sha256: '1'.repeat(64) }))).missing).toEqual([]);
    await upload(db, blobs, rival.versionId);
    await checkVersion(db, blobs, rival.versionId);
    expect(await publish(db, other, rival.versionId)).toMatchObject({ ok: false, code: 'duplicate-model' });
  });

  test('with another’s weights around another model.json is found, one’s own are not', async (db) => {
    const [owner, other] = [await anAccount(db), await anAccount(db)];
    const blobs = memoryBlobs();
    const { versionId, slug } = await begun(db, submission(owner));
    await upload(db, blobs, versionId);
    const list = ST.list.map((file) => (file.path === 'model.json' ? { ...file, sha256: '3'.repeat(64) } : file));
    const copies = [
      await begun(db, submission(owner, { sha256: '4'.repeat(64), files: list })),
      await begun(db, submission(other, { sha256: '5'.repeat(64), files: list })),
    ];
    for (const copy of copies) for (const file of list) await recordArrival(db, copy.versionId, file.sha256);
    // A draft is nobody's business.
    expect(await sharersOfWeights(db, copies[1].versionId)).toEqual([]);
    await checkVersion(db, blobs, versionId);
    await publish(db, owner, versionId);
    expect(await sharersOfWeights(db, copies[1].versionId)).toEqual([{ slug, name: 'PreAct-18 (AT)' }]);
    expect(await sharersOfWeights(db, copies[0].versionId)).toEqual([]);
  });

  test('can be the next version of an own model, not of another’s', async (db) => {
    const [owner, other] = [await anAccount(db), await anAccount(db)];
    const first = await begun(db, submission(owner));
    const next = { modelSlug: first.slug, sha256: '2'.repeat(64) };
    expect(await begun(db, submission(owner, next))).toMatchObject({ slug: first.slug, number: 2 });
    expect(await beginSubmission(db, submission(other, next))).toMatchObject({ ok: false, code: 'not-found' });
  });

  test('as a further version says for itself how it was trained and licensed; the model’s name stays', async (db) => {
    const owner = await anAccount(db);
    const { slug, versionId } = await begun(db, submission(owner));
    const next = submission(owner, { modelSlug: slug, sha256: '2'.repeat(64), recipe: 'TRADES', licence: 'GPL-3.0-only' });
    expect(await beginSubmission(db, { ...next, name: 'Another name' })).toMatchObject({
      ok: false,
      code: 'bad-request',
      message: expect.stringMatching(/^name: preact-18-at is called PreAct-18 \(AT\)/),
    });
    const { name: _, ...unnamed } = next;
    const second = await begun(db, unnamed);
    expect(second).toMatchObject({ slug, number: 2 });
    const said = await db.select({ id: versions.id, recipe: versions.recipe, licence: versions.licence }).from(versions);
    expect(said).toEqual(
      expect.arrayContaining([
        { id: versionId, recipe: 'AT', licence: 'MIT' },
        { id: second.versionId, recipe: 'TRADES', licence: 'GPL-3.0-only' },
      ]),
    );
    expect(await beginSubmission(db, { ...unnamed, modelSlug: undefined, sha256: '3'.repeat(64) })).toMatchObject({
      ok: false,
      code: 'bad-request',
    });
  });

  test('that is a draft leaves no trace in the history that others read', async (db) => {
    const owner = await anAccount(db);
    const blobs = memoryBlobs();
    const { versionId, slug } = await begun(db, submission(owner));
    await upload(db, blobs, versionId);
    await checkVersion(db, blobs, versionId);
    await publish(db, owner, versionId);
    await begun(db, submission(owner, { modelSlug: slug, sha256: '2'.repeat(64) }));
    const model = await modelBySlug(db, slug, null);
    const kinds = async (reader: Reader) => (await historyOf(db, model?.id ?? '', reader)).map((e) => e.kind);
    expect(await kinds(null)).toEqual(['published', 'submitted']);
    expect(await kinds({ accountId: owner, role: 'submitter' })).toEqual(['submitted', 'published', 'submitted']);
  });

  test('that is not public can be discarded, and takes its model along', async (db) => {
    const account = await anAccount(db);
    const { versionId, slug } = await begun(db, submission(account));
    expect(await discard(db, versionId)).toBe(true);
    expect(await discard(db, versionId)).toBe(false);
    expect(await db.select().from(models).where(eq(models.slug, slug))).toEqual([]);
    expect(await db.select().from(files).where(eq(files.versionId, versionId))).toEqual([]);
  });

  test('is refused when too many others lie about', async (db) => {
    const account = await anAccount(db);
    for (let i = 0; i < MAX_DRAFTS; i++) await begun(db, submission(account, { sha256: i.toString(16).padStart(64, '0') }));
    expect(await beginSubmission(db, submission(account, { sha256: 'e'.repeat(64) }))).toMatchObject({
      ok: false,
      code: 'too-many-drafts',
    });
  });

  test('names the files in order', async (db) => {
    const { versionId } = await begun(db, submission(await anAccount(db)));
    expect((await filesOf(db, versionId)).map((f) => f.path)).toEqual(['group1-shard1of1.bin', 'model.json']);
  });
});

describe('a slug', () => {
  it.each([
    ['WRN-28-10 (TRADES)', 'wrn-28-10-trades'],
    ['  Ünïcode  ', 'u-ni-code'],
    ['<script>', 'script'],
    ['日本', 'model'],
    ['../..', 'model'],
    ['x'.repeat(200), 'x'.repeat(60)],
  ])('of %j is %j', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });
});
