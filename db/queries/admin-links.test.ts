import { eq, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { adminLinks, users } from '../schema';
import { onEachDatabase } from '../testing/databases';
import { anAccount } from '../testing/rows';
import { firstAdminToken, redeemAdminToken } from './admin-links';

onEachDatabase('the first admin’s link', ({ test }) => {
  test('makes the account that opens it an admin, once', async (db) => {
    const [first, second] = [await anAccount(db), await anAccount(db)];
    const token = (await firstAdminToken(db)) as string;
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(await redeemAdminToken(db, token, first)).toBe(true);
    expect(await redeemAdminToken(db, token, second)).toBe(false);
    const roles = await db.select({ id: users.id, role: users.role }).from(users);
    expect(roles).toEqual(
      expect.arrayContaining([
        { id: first, role: 'admin' },
        { id: second, role: 'submitter' },
      ]),
    );
    expect(await firstAdminToken(db), 'there is one already').toBeUndefined();
  });

  test('is stored as a hash only, and the newest alone works', async (db) => {
    const account = await anAccount(db);
    const older = (await firstAdminToken(db)) as string;
    const newer = (await firstAdminToken(db)) as string;
    const links = await db.select().from(adminLinks);
    expect(links).toHaveLength(1);
    expect(JSON.stringify(links)).not.toContain(newer);
    expect(await redeemAdminToken(db, older, account)).toBe(false);
    expect(await redeemAdminToken(db, newer, account)).toBe(true);
  });

  test('ends after seven days, and a made-up one never began', async (db) => {
    const account = await anAccount(db);
    const token = (await firstAdminToken(db)) as string;
    expect(await redeemAdminToken(db, 'made-up', account)).toBe(false);
    await db.update(adminLinks).set({ expiresAt: sql`now() - interval '1 second'` });
    expect(await redeemAdminToken(db, token, account)).toBe(false);
    expect(await db.select({ role: users.role }).from(users).where(eq(users.id, account))).toEqual([{ role: 'submitter' }]);
  });
});
