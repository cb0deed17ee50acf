/** Which images accepted witnesses break. */
import { and, eq, isNull } from 'drizzle-orm';
import type { Db } from '../client';
import { witnessFiles, witnessOutcomes, witnessVerdicts } from '../schema';
import type { StandingKey } from './standings';

/** Records of the test split that some accepted witness breaks, each once. */
export async function brokenByWitnesses(db: Db, { versionId, board, protocol }: StandingKey): Promise<Set<number>> {
  const rows = await db
    .selectDistinct({ index: witnessOutcomes.index })
    .from(witnessFiles)
    .innerJoin(witnessVerdicts, and(eq(witnessVerdicts.fileId, witnessFiles.id), isNull(witnessVerdicts.revokedAt)))
    .innerJoin(witnessOutcomes, and(eq(witnessOutcomes.verdictId, witnessVerdicts.id), eq(witnessOutcomes.outcome, 'broken')))
    .where(and(eq(witnessFiles.versionId, versionId), eq(witnessFiles.board, board), eq(witnessFiles.protocol, protocol)));
  return new Set(rows.map((row) => row.index));
}
