import { eq } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Db } from '../client';
import { type Role, users } from '../schema';
import { onEachDatabase } from '../testing/databases';
import { findAccounts, setRole } from './accounts';

const add = async (db: Db, id: string, role: Role = 'submitter') =>
  db.insert(users).values({ id, name: `Name of ${id}`, email: `${id}@example.org`, role });

const names = async (db: Db, search: string) => (await findAccounts(db, search)).map((a) => a.id).sort();

onEachDatabase('accounts', ({ test }) => {
  test('are found by a part of name or address, taken literally', async (db) => {
    await add(db, 'ada', 'admin');
    await add(db, 'bob_1');
    await add(db, 'bobx1', 'runner');
    expect(await names(db, '')).toEqual(['ada', 'bobx1']);
    expect(await names(db, 'BOB')).toEqual(['bob_1', 'bobx1']);
    expect(await names(db, 'bob_1@')).toEqual(['bob_1']);
    expect(await names(db, '%')).toEqual([]);
    expect(await names(db, '\\')).toEqual([]);
  });

  test('get another role, but never so that no admin is left', async (db) => {
    await add(db, 'ada', 'admin');
    await add(db, 'bob');
    expect(await setRole(db, 'bob', 'runner')).toBe('done');
    expect((await db.select().from(users).where(eq(users.id, 'bob')))[0].role).toBe('runner');
    expect(await setRole(db, 'nobody', 'runner')).toBe('no-account');
    expect(await setRole(db, 'ada', 'submitter')).toBe('last-admin');
    await setRole(db, 'bob', 'admin');
    expect(await setRole(db, 'ada', 'submitter')).toBe('done');
    expect(await setRole(db, 'bob', 'runner')).toBe('last-admin');
    expect(await names(db, '')).toEqual(['bob']);
  });
});
