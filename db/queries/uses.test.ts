import { expect } from 'vitest';
import { onEachDatabase } from '../testing/databases';
import { countUse, giveBackUse } from './uses';

onEachDatabase('a limit', ({ test }) => {
  const limit = { key: 'submit:x', most: 3, windowSeconds: 86400 };

  test('is reached after so many uses, and says when the next is free', async (db) => {
    for (let i = 0; i < 3; i++) expect(await countUse(db, limit)).toEqual({ ok: true });
    const full = await countUse(db, limit);
    expect(full).toMatchObject({ ok: false });
    if (!full.ok) {
      expect(full.retryAfterSeconds).toBeGreaterThan(0);
      expect(full.retryAfterSeconds).toBeLessThanOrEqual(86400);
    }
    expect(await countUse(db, { ...limit, key: 'submit:y' })).toEqual({ ok: true });
  });

  test('a refused use costs nothing, one given back is free again', async (db) => {
    expect(await countUse(db, limit, 3)).toEqual({ ok: true });
    expect(await countUse(db, limit)).toMatchObject({ ok: false });
    await giveBackUse(db, limit);
    expect(await countUse(db, limit)).toEqual({ ok: true });
    expect(await countUse(db, limit)).toMatchObject({ ok: false });
  });

  test('one use larger than the limit is refused', async (db) => {
    expect(await countUse(db, limit, 4)).toMatchObject({ ok: false });
  });
});
