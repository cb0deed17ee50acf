/** Limits: how often somebody did something within a window of time, by the database's clock. */
import { and, eq, lt, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { uses } from '../schema';

export interface Limit {
  /** What is counted, and whose: `submit:ACCOUNT`. */
  key: string;
  most: number;
  windowSeconds: number;
}

export type Counted = { ok: true } | { ok: false; retryAfterSeconds: number };

const startOf = (windowSeconds: number) =>
  sql<Date>`to_timestamp(floor(extract(epoch from now()) / ${windowSeconds}::float8) * ${windowSeconds}::float8)`;

/** Counts one use (or `amount`), unless it would go over the limit. */
export async function countUse(db: Db, { key, most, windowSeconds }: Limit, amount = 1): Promise<Counted> {
  const windowStart = startOf(windowSeconds);
  const [counted] = await db
    .insert(uses)
    .values({ key, windowStart, count: amount })
    .onConflictDoUpdate({
      target: [uses.key, uses.windowStart],
      set: { count: sql`${uses.count} + ${amount}::int` },
      setWhere: sql`${uses.count} + ${amount}::int <= ${most}::int`,
    })
    .returning({ count: uses.count });
  if (counted && counted.count <= most) return { ok: true };
  const [{ left }] = await db
    .select({ left: sql<number>`ceil(${windowSeconds}::float8 - extract(epoch from now() - ${windowStart}))::int` })
    .from(sql`(select 1) as one`);
  return { ok: false, retryAfterSeconds: left };
}

/** Takes a use back: a failure of ours costs nobody anything. */
export async function giveBackUse(db: Db, { key, windowSeconds }: Limit, amount = 1): Promise<void> {
  await db
    .update(uses)
    .set({ count: sql`greatest(0, ${uses.count} - ${amount}::int)` })
    .where(and(eq(uses.key, key), eq(uses.windowStart, startOf(windowSeconds))));
}

/** Removes windows that are over for a day. */
export async function forgetOldUses(db: Db): Promise<void> {
  await db.delete(uses).where(lt(uses.windowStart, sql`now() - interval '32 days'`));
}
