import { count, desc, eq } from 'drizzle-orm';
import { expect } from 'vitest';
import { wholeReport } from '../lib/testing/whole-report';
import { boardRows } from './queries/board';
import { events, files, models, runs, standings, versions } from './schema';
import { seed } from './seed';
import { memoryBlobs } from './testing/blobs';
import { onEachDatabase } from './testing/databases';
import { aRun, aVersion } from './testing/rows';

const TABLES = { models, versions, files, runs, standings, events };

onEachDatabase('the seed', ({ test }) => {
  test('puts the bundled models on the boards of their data sets, as verified baselines that rank', async (db) => {
    const blobs = memoryBlobs();
    await seed(db, blobs);
    for (const [board, names] of [
      ['glyphs/linf', ['glyphs_at', 'glyphs_st', 'glyphs_trades']],
      ['fashion-mnist/linf', ['fmnist_at', 'fmnist_st', 'fmnist_trades']],
      ['fashion-mnist/l2', ['fmnist_at', 'fmnist_st', 'fmnist_trades']],
    ] as const) {
      const { rows } = await boardRows(db, { board, protocol: '1', sort: 'robust', limit: 10 });
      expect(rows.map(({ name }) => name).sort()).toEqual(names);
      for (const row of rows)
        expect(row).toMatchObject({ state: 'verified', baseline: true, rankings: ['pgd'], full: true, samples: 10_000, version: 1 });
      expect(rows.at(-1)?.name, 'standard training is broken most').toMatch(/_st$/);
    }
    const stored = await db.select({ sha256: files.sha256 }).from(files);
    for (const { sha256 } of stored) expect(await blobs.has(sha256)).toBe(true);
  });

  test('sown twice adds nothing', async (db) => {
    const blobs = memoryBlobs();
    const counts = async () => {
      const found: Record<string, number> = {};
      for (const [name, table] of Object.entries(TABLES)) found[name] = (await db.select({ n: count() }).from(table))[0].n;
      return { ...found, blobs: blobs.contents.size };
    };
    await seed(db, blobs);
    const first = await counts();
    expect(first).toMatchObject({ models: 6, versions: 6, files: 12, runs: 9, standings: 9 });
    await seed(db, blobs);
    expect(await counts()).toEqual(first);
  });

  test('on a site that has other models of these names, takes their place', async (db) => {
    const blobs = memoryBlobs();
    const old = await aVersion(db, { name: 'fmnist_at', baseline: true });
    await aRun(db, old.version.id, wholeReport({ holds: 6000 }), 'baseline');
    const namesake = await aVersion(db, { name: 'fmnist_at' });
    await seed(db, blobs);
    const { rows } = await boardRows(db, { board: 'fashion-mnist/linf', protocol: '1', sort: 'robust', limit: 10 });
    expect(rows.filter(({ name, baseline }) => name === 'fmnist_at' && baseline).map(({ slug, version }) => [slug, version])).toEqual([
      [old.model.slug, 2],
    ]);
    const stateOf = async (id: string) => (await db.select().from(versions).where(eq(versions.id, id)))[0];
    expect(await stateOf(old.version.id)).toMatchObject({
      state: 'hidden',
      reasons: ['another version of this baseline has taken its place'],
    });
    const [ours] = await db.select().from(versions).where(eq(versions.modelId, old.model.id)).orderBy(desc(versions.number)).limit(1);
    const update = (id: string, change: object) => db.update(versions).set(change).where(eq(versions.id, id));
    // An older site that is started again puts its own back; what an admin has hidden, no start shows.
    await update(old.version.id, { state: 'public' });
    await update(ours.id, { state: 'hidden', reasons: ['another version of this baseline has taken its place'] });
    await seed(db, blobs);
    expect([await stateOf(old.version.id), await stateOf(ours.id)]).toMatchObject([{ state: 'hidden' }, { state: 'public', reasons: [] }]);
    await update(ours.id, { state: 'hidden', reasons: ['an admin’s'] });
    await seed(db, blobs);
    expect(await stateOf(ours.id)).toMatchObject({ state: 'hidden' });
    expect(await stateOf(namesake.version.id), 'another’s model of the same name').toMatchObject({ state: 'public' });
  });
});
