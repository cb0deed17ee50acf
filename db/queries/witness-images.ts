/** Where a picture of a broken image can be had: accepted witnesses by version and image. */
import { and, desc, eq, inArray, isNull } from 'drizzle-orm';
import type { Db } from '../client';
import { models, versions, witnessFiles, witnessOutcomes, witnessVerdicts } from '../schema';

export interface WitnessImage {
  versionId: string;
  slug: string;
  name: string;
  /** Record of the test split. */
  index: number;
  /** Of the packed file. */
  sha256: string;
  /** Class that the network names. */
  predicted: number;
}

/** Of each of these images the accepted witness against each of these public versions that leads most; by image, then by name. */
export async function witnessImages(
  db: Db,
  { board, protocol }: { board: string; protocol: string },
  versionIds: readonly string[],
  indices: readonly number[],
): Promise<WitnessImage[]> {
  if (versionIds.length === 0 || indices.length === 0) return [];
  const rows = await db
    .selectDistinctOn([witnessFiles.versionId, witnessOutcomes.index], {
      ...{ versionId: witnessFiles.versionId, slug: models.slug, name: models.name },
      ...{ index: witnessOutcomes.index, sha256: witnessFiles.sha256, predicted: witnessOutcomes.predicted },
    })
    .from(witnessFiles)
    .innerJoin(witnessVerdicts, and(eq(witnessVerdicts.fileId, witnessFiles.id), isNull(witnessVerdicts.revokedAt)))
    .innerJoin(
      witnessOutcomes,
      and(
        eq(witnessOutcomes.verdictId, witnessVerdicts.id),
        eq(witnessOutcomes.outcome, 'broken'),
        inArray(witnessOutcomes.index, [...indices]),
      ),
    )
    .innerJoin(versions, and(eq(versions.id, witnessFiles.versionId), eq(versions.state, 'public')))
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(and(eq(witnessFiles.board, board), eq(witnessFiles.protocol, protocol), inArray(witnessFiles.versionId, [...versionIds])))
    .orderBy(witnessFiles.versionId, witnessOutcomes.index, desc(witnessOutcomes.lead), witnessFiles.id);
  return rows.sort((a, b) => a.index - b.index || a.name.localeCompare(b.name, 'en'));
}
