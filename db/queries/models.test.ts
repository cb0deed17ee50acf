import { expect } from 'vitest';
import { wholeReport } from '../../lib/testing/whole-report';
import { onEachDatabase } from '../testing/databases';
import { anAccount, aRun, aVersion } from '../testing/rows';
import { readCursor } from './cursor';
import { publicModels, runsOf } from './models';

/** Every page of a listing, one entry at a time. */
async function all<T>(
  page: (at: { limit: number; cursor?: NonNullable<ReturnType<typeof readCursor>> }) => Promise<{ rows: T[]; next?: string }>,
) {
  const rows: T[] = [];
  for (let next: string | undefined; ; ) {
    const cursor = next === undefined ? undefined : readCursor(next);
    const got = await page({ limit: 1, ...(cursor ? { cursor } : {}) });
    rows.push(...got.rows);
    next = got.next;
    if (!next) return rows;
  }
}

onEachDatabase('listings', ({ test }) => {
  test('give the runs of a version page by page, each once, also of one moment', async (db) => {
    const owner = await anAccount(db);
    const { version } = await aVersion(db, { ownerId: owner });
    for (let n = 0; n < 5; n++) await aRun(db, version.id, wholeReport({ startedAt: `2026-01-02T03:0${n}:00.000Z` }), 'claim', owner);
    const whole = await runsOf(db, version.id, { limit: 10 });
    expect(whole.rows).toHaveLength(5);
    expect(whole.next).toBeUndefined();
    expect(await all((at) => runsOf(db, version.id, at))).toEqual(whole.rows);
  });

  test('give public models with their newest public version', async (db) => {
    const owner = await anAccount(db, { name: 'Grace' });
    const names = ['one', 'two', 'three'];
    for (const name of names) await aVersion(db, { name, ownerId: owner });
    await aVersion(db, { name: 'a draft', ownerId: owner, state: 'draft' });
    const rows = await all((at) => publicModels(db, at));
    expect(rows.map((m) => m.name).sort()).toEqual([...names].sort());
    expect(rows[0]).toMatchObject({ owner: 'Grace', number: 1, recipe: 'AT', licence: 'MIT' });
    expect((await publicModels(db, { limit: 10, search: 'T' })).rows.map((m) => m.name).sort()).toEqual(['three', 'two']);
    expect((await publicModels(db, { limit: 10, search: '%' })).rows).toEqual([]);
  });
});
