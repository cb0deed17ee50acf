import { count } from 'drizzle-orm';
import { expect } from 'vitest';
import { boardRows } from './queries/board';
import { events, files, models, runs, standings, versions } from './schema';
import { seed } from './seed';
import { memoryBlobs } from './testing/blobs';
import { onEachDatabase } from './testing/databases';

const TABLES = { models, versions, files, runs, standings, events };

onEachDatabase('the seed', ({ test }) => {
  test('puts the bundled models on the boards of their data sets, as verified baselines that rank', async (db) => {
    const blobs = memoryBlobs();
    await seed(db, blobs);
    for (const board of ['fashion-mnist/linf', 'fashion-mnist/l2']) {
      const { rows } = await boardRows(db, { board, protocol: '1', sort: 'robust', limit: 10 });
      expect(
        rows.map(({ name, state, baseline, rankings, full, samples }) => ({ name, state, baseline, rankings, full, samples })),
      ).toEqual(
        ['fmnist_at', 'fmnist_st'].map((name) => ({
          name,
          state: 'verified',
          baseline: true,
          rankings: ['pgd'],
          full: true,
          samples: 10_000,
        })),
      );
      expect(rows[0].robust ?? 0).toBeGreaterThan(rows[1].robust ?? 1);
    }
    const { rows: drawn } = await boardRows(db, { board: 'glyphs/linf', protocol: '1', sort: 'robust', limit: 10 });
    expect(drawn).toMatchObject([{ name: 'glyphs_st', state: 'verified', baseline: true, rankings: ['pgd'], full: true }]);
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
    expect(first).toMatchObject({ models: 3, versions: 3, files: 6, runs: 5, standings: 5 });
    await seed(db, blobs);
    expect(await counts()).toEqual(first);
  });
});
