/** Fingerprints of weights (lib/model/weight-sketch.ts) for versions that were checked before the site took them. */
import { and, asc, eq, gt, inArray, isNull, ne } from 'drizzle-orm';
import { readModel } from '../lib/model/preflight';
import type { Blobs } from './blobs/blobs';
import type { Db } from './client';
import { noteNearDuplicate, sketchRow } from './queries/duplicates';
import { files, versions, weightSketches } from './schema';

/** Takes at most `most`, the oldest first, and compares again what was published after them; returns how many. */
export async function sketchOld(db: Db, blobs: Blobs, most = 10): Promise<number> {
  const bare = await db
    .select({ id: versions.id })
    .from(versions)
    .leftJoin(weightSketches, eq(weightSketches.versionId, versions.id))
    .where(and(inArray(versions.state, ['public', 'hidden', 'draft']), isNull(versions.weightsRemovedAt), isNull(weightSketches.versionId)))
    .orderBy(asc(versions.publishedAt), asc(versions.id))
    .limit(most);
  for (const { id } of bare) {
    const row = sketchRow(id, await graphOf(db, blobs, id));
    await db.transaction(async (transaction) => {
      const tx = transaction as unknown as Db;
      // It may have been published while its files were read.
      const [{ publishedAt }] = await tx
        .select({ publishedAt: versions.publishedAt })
        .from(versions)
        .where(eq(versions.id, id))
        .for('share');
      await tx.insert(weightSketches).values(row).onConflictDoNothing();
      if (!publishedAt || row.shapes === '') return;
      await noteNearDuplicate(tx, id, publishedAt);
      const later = await tx
        .select({ id: versions.id, publishedAt: versions.publishedAt })
        .from(weightSketches)
        .innerJoin(versions, and(eq(versions.id, weightSketches.versionId), gt(versions.publishedAt, publishedAt), ne(versions.id, id)))
        .where(eq(weightSketches.shapes, row.shapes));
      for (const other of later) await noteNearDuplicate(tx, other.id, other.publishedAt as Date);
    });
  }
  return bare.length;
}

/** Null where the files are not all there, or damaged: whoever measures the version is told. */
async function graphOf(db: Db, blobs: Blobs, versionId: string) {
  const contents = new Map<string, Uint8Array>();
  for (const { path, sha256 } of await db.select().from(files).where(eq(files.versionId, versionId))) {
    const content = await blobs.get(sha256);
    if (!content) return null;
    contents.set(path, content);
  }
  const model = await readModel(contents);
  return model.ok ? model.value.graph : null;
}
