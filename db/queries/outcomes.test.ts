import { expect } from 'vitest';
import { unpackBitmap } from '../../lib/protocol/evidence';
import { wholeReport } from '../../lib/testing/whole-report';
import { onEachDatabase } from '../testing/databases';
import { anAccount, aRun, aVersion } from '../testing/rows';
import { rowsOfVersions } from './board';
import { bitmapsOf, fullRows, publicVersionsNamed } from './outcomes';

const at = { board: 'fashion-mnist/linf', protocol: '1' };

onEachDatabase('outcomes of a board', ({ test }) => {
  test('gives each basis its own bitmap, of the images that it was measured on', async (db) => {
    const { version } = await aVersion(db, { baseline: true });
    await aRun(db, version.id, wholeReport({ holds: 4000, autoattack: { samples: 1000, withstand: 300 } }), 'baseline');
    const counts = [];
    for (const basis of ['clean', 'pgd', 'robust'] as const) {
      const map = (await bitmapsOf(db, at, basis, [version.id])).get(version.id);
      counts.push(map && [map.samples, unpackBitmap(map.bytes, map.samples).reduce((a, b) => a + b, 0)]);
    }
    expect(counts).toEqual([
      [10000, 8000],
      [10000, 4000],
      [1000, 300],
    ]);
    expect(await bitmapsOf(db, { ...at, board: 'fashion-mnist/l2' }, 'robust', [version.id])).toEqual(new Map());
  });

  test('never gives what is not public', async (db) => {
    const owner = await anAccount(db);
    const { model, version } = await aVersion(db, { ownerId: owner, state: 'draft' });
    await aRun(db, version.id, wholeReport(), 'claim', owner);
    for (const basis of ['clean', 'pgd', 'robust'] as const) expect(await bitmapsOf(db, at, basis, [version.id])).toEqual(new Map());
    expect(await publicVersionsNamed(db, [{ slug: model.slug }], '1')).toEqual([null]);
    expect(await fullRows(db, at, false)).toEqual([]);
    expect(await rowsOfVersions(db, at, [version.id])).toEqual([]);
  });

  test('finds versions by name in the order asked for, with the boards where they were measured', async (db) => {
    const a = await aVersion(db, { name: 'a' });
    const b = await aVersion(db, { name: 'b' });
    await aRun(db, b.version.id, wholeReport(), 'baseline');
    const found = await publicVersionsNamed(
      db,
      [{ slug: b.model.slug, number: 1 }, { slug: 'nobody' }, { slug: a.model.slug }, { slug: a.model.slug, number: 2 }],
      '1',
    );
    expect(found.map((v) => v && [v.name, v.number, v.boards])).toEqual([['b', 1, ['fashion-mnist/linf']], null, ['a', 1, []], null]);
    expect((await rowsOfVersions(db, at, [a.version.id, b.version.id])).map((r) => r.name)).toEqual(['b']);
  });

  test('counts full runs alone, and ranked ones where that is asked', async (db) => {
    const full = await aVersion(db, { name: 'full', baseline: true });
    await aRun(db, full.version.id, wholeReport({ holds: 3000 }), 'baseline');
    const small = await aVersion(db, { name: 'small', baseline: true });
    await aRun(db, small.version.id, wholeReport({ samples: 500, holds: 400 }), 'baseline');
    const owner = await anAccount(db);
    const claimed = await aVersion(db, { name: 'claimed', ownerId: owner });
    await aRun(db, claimed.version.id, wholeReport({ holds: 4000 }), 'claim', owner);
    expect((await fullRows(db, at, false)).map((r) => r.name)).toEqual(['claimed', 'full']);
    expect((await fullRows(db, at, true)).map((r) => r.name)).toEqual(['full']);
  });
});
