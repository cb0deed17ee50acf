/** A request that is sent twice is done once: the second gets the first one's answer. */
import { and, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { idempotencyKeys } from '../schema';

export type Replay =
  /** Nobody has used the key: go on, then `rememberAnswer` or `forgetKey`. */
  | { kind: 'new' }
  | { kind: 'answered'; status: number; body: string }
  /** The first one is still under way, or died less than a minute ago. */
  | { kind: 'under-way' }
  /** The key belongs to another request. */
  | { kind: 'other-request' };

export async function claimKey(db: Db, accountId: string, key: string, request: string): Promise<Replay> {
  const mine = and(eq(idempotencyKeys.accountId, accountId), eq(idempotencyKeys.key, key));
  // Keys are kept for a day; one whose request died without an answer is free after a minute.
  await db.delete(idempotencyKeys).where(and(mine, lt(idempotencyKeys.createdAt, sql`now() - interval '1 day'`)));
  await db
    .delete(idempotencyKeys)
    .where(and(mine, isNull(idempotencyKeys.status), lt(idempotencyKeys.createdAt, sql`now() - interval '1 minute'`)));
  const [claimed] = await db.insert(idempotencyKeys).values({ accountId, key, request }).onConflictDoNothing().returning();
  if (claimed) return { kind: 'new' };
  const [first] = await db.select().from(idempotencyKeys).where(mine);
  if (!first) return { kind: 'under-way' };
  if (first.request !== request) return { kind: 'other-request' };
  return first.status === null ? { kind: 'under-way' } : { kind: 'answered', status: first.status, body: first.body ?? '' };
}

export async function rememberAnswer(db: Db, accountId: string, key: string, status: number, body: string): Promise<void> {
  await db
    .update(idempotencyKeys)
    .set({ status, body })
    .where(and(eq(idempotencyKeys.accountId, accountId), eq(idempotencyKeys.key, key)));
}

/** After a failure of ours: the same key may try again. */
export async function forgetKey(db: Db, accountId: string, key: string): Promise<void> {
  await db.delete(idempotencyKeys).where(and(eq(idempotencyKeys.accountId, accountId), eq(idempotencyKeys.key, key)));
}
