import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { idempotencyKeys } from '../schema';
import { onEachDatabase } from '../testing/databases';
import { anAccount } from '../testing/rows';
import { claimKey, forgetKey, rememberAnswer } from './idempotency';

onEachDatabase('an idempotency key', ({ test }) => {
  test('is new once; until there is an answer the request is under way, then it is replayed', async (db) => {
    const account = await anAccount(db);
    const claim = () => claimKey(db, account, 'key', 'request');
    expect(await claim()).toEqual({ kind: 'new' });
    expect(await claim()).toEqual({ kind: 'under-way' });
    await rememberAnswer(db, account, 'key', 201, '{"a":1}');
    for (let i = 0; i < 2; i++) expect(await claim()).toEqual({ kind: 'answered', status: 201, body: '{"a":1}' });
  });

  test('belongs to one request, and to one account', async (db) => {
    const [account, other] = [await anAccount(db), await anAccount(db)];
    await claimKey(db, account, 'key', 'request');
    expect(await claimKey(db, account, 'key', 'another request')).toEqual({ kind: 'other-request' });
    expect(await claimKey(db, other, 'key', 'another request')).toEqual({ kind: 'new' });
    await rememberAnswer(db, account, 'key', 200, 'secret');
    expect(await claimKey(db, other, 'key', 'another request')).toEqual({ kind: 'under-way' });
  });

  test('is free again after a failure of ours', async (db) => {
    const account = await anAccount(db);
    await claimKey(db, account, 'key', 'request');
    await forgetKey(db, account, 'key');
    expect(await claimKey(db, account, 'key', 'request')).toEqual({ kind: 'new' });
  });

  test('whose request died is free after a minute; one with an answer after a day', async (db) => {
    const account = await anAccount(db);
    const age = (interval: string) => db.update(idempotencyKeys).set({ createdAt: sql`now() - ${interval}::interval` });
    const claim = () => claimKey(db, account, 'key', 'request');
    await claim();
    await age('59 seconds');
    expect(await claim()).toEqual({ kind: 'under-way' });
    await age('61 seconds');
    expect(await claim()).toEqual({ kind: 'new' });
    await rememberAnswer(db, account, 'key', 200, '{}');
    await age('23 hours');
    expect(await claim()).toMatchObject({ kind: 'answered' });
    await age('25 hours');
    expect(await claim()).toEqual({ kind: 'new' });
  });
});
