/** Dumps that the site has made and serves: one a day at most, the newest seven. */
import { createHash } from 'node:crypto';
import { desc, eq, inArray, sql } from 'drizzle-orm';
import type { Blobs } from '../blobs/blobs';
import type { Db } from '../client';
import { markLoose } from '../queries/loose-blobs';
import { type Dump, dumps } from '../schema';
import { packDump } from './pack';

const KEPT = 7;

/** Of the day, made now where there is none yet. */
export async function dumpOfToday(db: Db, blobs: Blobs): Promise<Dump> {
  const [made] = await db.select().from(dumps).where(eq(dumps.day, sql`to_char(now() at time zone 'utc', 'YYYY-MM-DD')`));
  if (made) return made;
  const { day, bytes, rows } = await packDump(db);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await blobs.put(sha256, bytes);
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const [added] = await tx.insert(dumps).values({ day, sha256, bytes: bytes.length, rows }).onConflictDoNothing().returning();
    // Two clocks at once: the first one's counts, and these bytes are nobody's unless they are the same.
    const [kept] = added ? [added] : await tx.select().from(dumps).where(eq(dumps.day, day));
    const old = await tx.select().from(dumps).orderBy(desc(dumps.day)).offset(KEPT);
    if (old.length)
      await tx.delete(dumps).where(
        inArray(
          dumps.day,
          old.map((d) => d.day),
        ),
      );
    await markLoose(tx, [...old.map((d) => d.sha256), ...(kept.sha256 === sha256 ? [] : [sha256])]);
    return kept;
  });
}

/** The newest first. */
export const allDumps = (db: Db) => db.select().from(dumps).orderBy(desc(dumps.day));

export const dumpOf = async (db: Db, day: string): Promise<Dump | undefined> =>
  (await db.select().from(dumps).where(eq(dumps.day, day)))[0];
