/** What search engines may find: models somebody else than the submitter has measured in full. */
import { and, desc, eq, inArray, max } from 'drizzle-orm';
import type { StandingState } from '../../lib/protocol/standing';
import type { Db } from '../client';
import { models, standings, versions } from '../schema';

const VERIFIED = ['verified', 'double-verified'] as const satisfies readonly StandingState[];

export const isVerified = (state: StandingState) => (VERIFIED as readonly StandingState[]).includes(state);

/** Slugs of models with a public version that is verified on some board, the latest change first. */
export async function verifiedModels(db: Db, limit: number): Promise<{ slug: string; changedAt: Date }[]> {
  const changed = max(standings.updatedAt);
  const rows = await db
    .select({ slug: models.slug, changedAt: changed })
    .from(standings)
    .innerJoin(versions, eq(versions.id, standings.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(and(eq(standings.listed, true), inArray(standings.state, [...VERIFIED])))
    .groupBy(models.slug)
    .orderBy(desc(changed), models.slug)
    .limit(limit);
  return rows.flatMap(({ slug, changedAt }) => (changedAt ? [{ slug, changedAt }] : []));
}
