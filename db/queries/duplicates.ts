/** Weights that stand on the site under another account: the same bytes with another model.json around them, or almost the same numbers. */
import { createHash } from 'node:crypto';
import { and, eq, inArray, isNotNull, lt, ne, notLike, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { CHECKS } from '../../lib/confidence/catalogue';
import type { ModelGraph } from '../../lib/model/graph';
import { kernelShapes, sketchCosine, weightSketch } from '../../lib/model/weight-sketch';
import type { Db } from '../client';
import { files, models, versions, weightSketches } from '../schema';

/** From this cosine on a version is flagged. */
export const NEAR = CHECKS['duplicate-weights'].threshold;
/** Any number will do, if it is always the same. */
const LOCK = 0x51_3f_1e_73;

/**
 * Public models of other accounts that have a weight file of this version, byte for byte, in the order of their names. The same
 * files in the whole are refused when they are published; of those that were cut or rounded anew {@link nearDuplicateOf} knows.
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

/** As it is stored; `null`: of files that could not be read, so that nobody tries again. */
export function sketchRow(versionId: string, graph: ModelGraph | null): typeof weightSketches.$inferInsert {
  if (!graph) return { versionId, shapes: '', sketch: new Uint8Array() };
  const { buffer } = weightSketch(graph);
  return { versionId, shapes: createHash('sha256').update(kernelShapes(graph)).digest('hex'), sketch: new Uint8Array(buffer) };
}

const numbers = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer);

/**
 * Compares a version with the published ones of other accounts (hidden ones may be shown again; nobody is told of them until then), `before` a time or as they stand, and keeps the nearest. In the
 * transaction that publishes it: of two copies that are published at once, the second finds the first. Baselines are nobody's copies.
 */
export async function noteNearDuplicate(tx: Db, versionId: string, before?: Date): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
  const [own] = await tx
    .select({ shapes: weightSketches.shapes, sketch: weightSketches.sketch, ownerId: models.ownerId, baseline: models.baseline })
    .from(weightSketches)
    .innerJoin(versions, eq(versions.id, weightSketches.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(weightSketches.versionId, versionId));
  if (!own || own.baseline || own.shapes === '') return;
  const others = await tx
    .select({ id: versions.id, sketch: weightSketches.sketch })
    .from(weightSketches)
    .innerJoin(
      versions,
      and(eq(versions.id, weightSketches.versionId), inArray(versions.state, ['public', 'hidden']), ne(versions.id, versionId)),
    )
    .innerJoin(models, and(eq(models.id, versions.modelId), sql`${models.ownerId} is distinct from ${own.ownerId}`))
    .where(and(eq(weightSketches.shapes, own.shapes), before && lt(versions.publishedAt, before)))
    .orderBy(versions.publishedAt, versions.id);
  const sketch = numbers(own.sketch);
  let near: { nearVersionId: string; cosine: number } | undefined;
  for (const other of others) {
    const cosine = sketchCosine(sketch, numbers(other.sketch));
    if (cosine !== null && cosine >= NEAR && cosine > (near?.cosine ?? 0)) near = { nearVersionId: other.id, cosine: Math.min(1, cosine) };
  }
  await tx
    .update(weightSketches)
    .set(near ?? { nearVersionId: null, cosine: null })
    .where(eq(weightSketches.versionId, versionId));
}

/** The public version of another account whose weights are almost these, and how nearly; undefined: there is none. */
export async function nearDuplicateOf(db: Db, versionId: string) {
  const [near] = await db
    .select({ slug: models.slug, name: models.name, version: versions.number, cosine: weightSketches.cosine })
    .from(weightSketches)
    .innerJoin(versions, and(eq(versions.id, weightSketches.nearVersionId), eq(versions.state, 'public')))
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(weightSketches.versionId, versionId));
  return near && { ...near, cosine: near.cosine as number };
}
