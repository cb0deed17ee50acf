/** Weights that stand on the site under another account, with another model.json around them. */
import { and, eq, isNotNull, notLike, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Db } from '../client';
import { files, models, versions } from '../schema';

/**
 * Public models of other accounts that have a weight file of this version, byte for byte, in the order of their names. The same
 * files in the whole are refused when they are published; weights that were cut or rounded anew are not found, since nobody
 * compares numbers here.
 */
export async function sharersOfWeights(db: Db, versionId: string): Promise<{ slug: string; name: string }[]> {
  const [ownFile, ownVersion, ownModel] = [alias(files, 'own_file'), alias(versions, 'own_version'), alias(models, 'own_model')];
  return db
    .selectDistinct({ slug: models.slug, name: models.name })
    .from(ownFile)
    .innerJoin(ownVersion, eq(ownVersion.id, ownFile.versionId))
    .innerJoin(ownModel, eq(ownModel.id, ownVersion.modelId))
    .innerJoin(files, and(eq(files.sha256, ownFile.sha256), isNotNull(files.arrivedAt)))
    .innerJoin(versions, and(eq(versions.id, files.versionId), eq(versions.state, 'public')))
    .innerJoin(models, and(eq(models.id, versions.modelId), sql`${models.ownerId} is distinct from ${ownModel.ownerId}`))
    .where(and(eq(ownFile.versionId, versionId), isNotNull(ownFile.arrivedAt), notLike(ownFile.path, '%model.json')))
    .orderBy(models.name);
}
