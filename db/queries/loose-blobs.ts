/** Bytes that no version and no witness names any more are removed from the store. */
import { asc, eq, exists, inArray, or, sql } from 'drizzle-orm';
import type { Blobs } from '../blobs/blobs';
import type { Db } from '../client';
import { files, looseBlobs, witnessFiles } from '../schema';

/** Remembers, in the transaction that takes a version's files away, whose bytes may be nobody's from now on. */
export async function markLoose(tx: Db, hashes: readonly string[]): Promise<void> {
  if (hashes.length)
    await tx
      .insert(looseBlobs)
      .values(hashes.map((sha256) => ({ sha256 })))
      .onConflictDoNothing();
}

/** Rows of the files of a version, to be marked before they go. */
export async function markFilesLoose(tx: Db, versionId: string): Promise<void> {
  const rows = await tx.select({ sha256: files.sha256 }).from(files).where(eq(files.versionId, versionId));
  await markLoose(tx, [...new Set(rows.map((r) => r.sha256))]);
}

/**
 * Removes at most `most` blobs that nobody names; returns how many. One that could not be removed stays marked for the
 * next time.
 */
export async function removeLooseBlobs(db: Db, blobs: Blobs, most = 100): Promise<number> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // Files are listed before their bytes are stored: while none can be listed, none of these can come to be named.
    await tx.execute(sql`lock table ${files}, ${witnessFiles} in share row exclusive mode`);
    const named = tx.select({ one: sql`1` }).from(files).where(eq(files.sha256, looseBlobs.sha256));
    const witnesses = tx.select({ one: sql`1` }).from(witnessFiles).where(eq(witnessFiles.sha256, looseBlobs.sha256));
    await tx.delete(looseBlobs).where(or(exists(named), exists(witnesses)));
    const loose = await tx.select({ sha256: looseBlobs.sha256 }).from(looseBlobs).orderBy(asc(looseBlobs.since)).limit(most);
    const gone: string[] = [];
    for (const { sha256 } of loose) {
      const removed = await blobs.delete(sha256).then(
        () => true,
        () => false, // the store is away: it stays marked
      );
      if (!removed) break;
      gone.push(sha256);
    }
    if (gone.length) await tx.delete(looseBlobs).where(inArray(looseBlobs.sha256, gone));
    return gone.length;
  });
}
