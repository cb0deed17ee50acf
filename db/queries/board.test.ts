import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { wholeReport } from '../../lib/testing/whole-report';
import type { Db } from '../client';
import { onEachDatabase } from '../testing/databases';
import { anAccount, aRun, aVersion } from '../testing/rows';
import { type BoardQuery, boardPoints, boardRows, protocolsOf } from './board';
import { readCursor } from './cursor';
import { boardTiers } from './tiers';

const query = (changes: Partial<BoardQuery> = {}): BoardQuery => ({
  board: 'fashion-mnist/linf',
  protocol: '1',
  sort: 'robust',
  limit: 100,
  ...changes,
});

async function aBoard(db: Db) {
  const owner = await anAccount(db, { name: 'Grace' });
  const specs = [
    { name: 'strong', holds: 4500, nc1: 9 },
    { name: 'as strong', holds: 4498, nc1: 8 },
    { name: 'weak 100%', holds: 1000, nc1: 0.5 },
  ];
  for (const { name, holds, nc1 } of specs) {
    const { version } = await aVersion(db, { name, baseline: true });
    await aRun(db, version.id, wholeReport({ holds, nc1 }), 'baseline');
  }
  const claimed = await aVersion(db, { name: 'claimed', ownerId: owner });
  await aRun(db, claimed.version.id, wholeReport({ holds: 4900, nc1: 3 }), 'claim', owner);
  const draft = await aVersion(db, { name: 'draft', ownerId: owner, state: 'draft' });
  await aRun(db, draft.version.id, wholeReport({ holds: 5000 }), 'claim', owner);
}

const names = (page: { rows: { name: string }[] }) => page.rows.map((r) => r.name);

onEachDatabase('the board', ({ test }) => {
  test('shows public versions that were measured, best first by the column asked for', async (db) => {
    await aBoard(db);
    expect(names(await boardRows(db, query()))).toEqual(['claimed', 'strong', 'as strong', 'weak 100%']);
    expect(names(await boardRows(db, query({ sort: 'nc1' })))).toEqual(['weak 100%', 'claimed', 'as strong', 'strong']);
    expect(names(await boardRows(db, query({ sort: 'nc1', order: 'desc' })))).toEqual(['strong', 'as strong', 'claimed', 'weak 100%']);
    expect(names(await boardRows(db, query({ board: 'fashion-mnist/l2' })))).toEqual([]);
  });

  test('keeps protocols apart, and knows under which it has rows', async (db) => {
    await aBoard(db);
    await db.execute(sql`update standings set protocol = '0' where version_id in
      (select v.id from versions v join models m on m.id = v.model_id where m.name in ('weak 100%', 'draft'))`);
    expect(names(await boardRows(db, query()))).toEqual(['claimed', 'strong', 'as strong']);
    const older = await boardRows(db, query({ protocol: '0' }));
    expect(older.rows).toMatchObject([{ name: 'weak 100%', protocol: '0' }]);
    expect(await protocolsOf(db, 'fashion-mnist/linf')).toEqual(['1', '0']);
    expect(await protocolsOf(db, 'fashion-mnist/l2')).toEqual([]);
  });

  test('gives the same rows page by page, in every order, with missing values last', async (db) => {
    await aBoard(db);
    for (const sort of ['robust', 'nc1', 'autoattack', 'date', 'params'] as const)
      for (const order of ['asc', 'desc'] as const) {
        const whole = await boardRows(db, query({ sort, order }));
        const paged: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await boardRows(db, query({ sort, order, limit: 1, ...(cursor ? { cursor } : {}) }));
          paged.push(...names(page));
          cursor = page.next;
        } while (cursor);
        expect(paged).toEqual(names(whole));
      }
  });

  test('searches names and submitters, taking wildcards literally, and filters', async (db) => {
    await aBoard(db);
    expect(names(await boardRows(db, query({ search: 'STRONG' })))).toEqual(['strong', 'as strong']);
    expect(names(await boardRows(db, query({ search: '%' })))).toEqual(['weak 100%']);
    expect(names(await boardRows(db, query({ search: 'grace' })))).toEqual(['claimed']);
    expect(names(await boardRows(db, query({ states: ['self-reported'] })))).toEqual(['claimed']);
    expect(names(await boardRows(db, query({ recipes: ['TRADES'] })))).toEqual([]);
    expect(names(await boardRows(db, query({ extraData: true })))).toEqual([]);
  });

  test('puts ranked rows into tiers, and only those', async (db) => {
    await aBoard(db);
    const { rows } = await boardRows(db, query());
    const tiers = await boardTiers(db, 'fashion-mnist/linf', '1', 'pgd');
    expect(rows.map((r) => tiers.get(r.versionId))).toEqual([undefined, 1, 1, 2]);
    expect(await boardTiers(db, 'fashion-mnist/linf', '1', 'autoattack')).toEqual(new Map());
    const { version } = await aVersion(db, { name: 'stronger', baseline: true });
    await aRun(db, version.id, wholeReport({ holds: 4990 }), 'baseline');
    expect((await boardTiers(db, 'fashion-mnist/linf', '1', 'pgd')).get(version.id)).toBe(1);
    expect((await boardTiers(db, 'fashion-mnist/linf', '1', 'pgd')).get(rows[1].versionId)).toBe(2);
  });

  test('ranks AutoAttack and best known among standard runs alone, in tiers of the images that two rows share', async (db) => {
    await aBoard(db);
    const specs = [
      { name: 'standard', holds: 4400, autoattack: { samples: 1000, withstand: 700 } },
      { name: 'standard on all', holds: 4400, autoattack: { samples: 10000, withstand: 690 } },
      { name: 'standard, weaker', holds: 4400, autoattack: { samples: 1000, withstand: 300 } },
    ];
    for (const { name, ...report } of specs) {
      const { version } = await aVersion(db, { name, baseline: true });
      await aRun(db, version.id, wholeReport(report), 'baseline');
    }
    const { rows } = await boardRows(db, query({ sort: 'autoattack' }));
    expect(rows.slice(0, 3).map((r) => [r.name, r.autoattack, r.autoattackSamples])).toEqual([
      ['standard', 0.7, 1000],
      ['standard, weaker', 0.3, 1000],
      ['standard on all', 0.069, 10000],
    ]);
    const tiers = await boardTiers(db, 'fashion-mnist/linf', '1', 'autoattack');
    // By best known: the weaker one leads tier 2, and the first 1 000 images, which two rows share, separate the third from it.
    expect(Object.fromEntries(rows.map((r) => [r.name, tiers.get(r.versionId)]))).toEqual({
      ...{ standard: 1, 'standard, weaker': 2, 'standard on all': 3 },
      ...{ strong: undefined, 'as strong': undefined, 'weak 100%': undefined, claimed: undefined },
    });
    expect((await boardTiers(db, 'fashion-mnist/linf', '1', 'pgd')).size).toBe(6);
  });

  test('gives any two columns of the rows that fit as points, as many as are asked for', async (db) => {
    await aBoard(db);
    const points = await boardPoints(db, query({ sort: 'nc1', states: ['verified'] }), 'nc1', 'date');
    expect(points.map(({ name, x, ranked }) => ({ name, x, ranked }))).toEqual(
      expect.arrayContaining([
        { name: 'strong', x: 9, ranked: true },
        { name: 'as strong', x: 8, ranked: true },
        { name: 'weak 100%', x: 0.5, ranked: true },
      ]),
    );
    const { rows } = await boardRows(db, query());
    for (const { versionId, y } of points) expect(y).toBe(rows.find((r) => r.versionId === versionId)?.measuredAt.getTime());
    expect((await boardPoints(db, query({ sort: 'nc1', limit: 1 }), 'autoattack', 'params')).map((p) => [p.name, p.x])).toEqual([
      ['weak 100%', null],
    ]);
    expect(await boardPoints(db, query({ search: 'grace' }), 'nc1', 'nc1')).toMatchObject([{ name: 'claimed', ranked: false, x: 3, y: 3 }]);
  });

  test('does not take a cursor that is not its own', async () => {
    for (const cursor of ['', 'x', Buffer.from('["1; drop table","x"]').toString('base64url'), Buffer.from('{}').toString('base64url')])
      expect(readCursor(cursor)).toBeUndefined();
  });
});
