/** Tiers of a board's ranked rows, kept in memory until one of its standings changes. */
import { and, count, eq, sql } from 'drizzle-orm';
import { robustCount } from '../../lib/protocol/counts';
import type { Ranking } from '../../lib/protocol/standing';
import { tiers } from '../../lib/protocol/tiers';
import type { Db } from '../client';
import { standings } from '../schema';

const kept = new WeakMap<Db, Map<string, { state: string; tiers: Map<string, number> }>>();

/** Tier number by version, of those that take part in the ranking. */
export async function boardTiers(db: Db, board: string, protocol: string, ranking: Ranking): Promise<Map<string, number>> {
  const here = and(eq(standings.board, board), eq(standings.protocol, protocol), eq(standings.listed, true));
  const [score, bits] = ranking === 'pgd' ? [standings.pgd, standings.pgdBits] : [standings.robust, standings.robustBits];
  // The sum, too: a transaction that began earlier and ends later does not move the newest time.
  const [{ state }] = await db
    .select({ state: sql<string>`${count()} || ' ' || coalesce(sum(extract(epoch from ${standings.updatedAt})), 0)` })
    .from(standings)
    .where(here);
  const boards = kept.get(db) ?? new Map();
  kept.set(db, boards);
  const key = `${board} ${protocol} ${ranking}`;
  const before = boards.get(key);
  if (before?.state === state) return before.tiers;
  const list = await db
    .select({ id: standings.versionId, bits, samples: standings.samples, autoattackSamples: standings.autoattackSamples })
    .from(standings)
    .where(and(here, sql`${standings.rankings} @> ${JSON.stringify([ranking])}::jsonb`))
    .orderBy(sql`${score} desc nulls last`, standings.versionId);
  const numbers = tiers(
    list.map(({ bits, ...counts }) => (bits ? { bytes: bits, samples: ranking === 'pgd' ? counts.samples : robustCount(counts) } : null)),
  );
  const found = new Map(list.flatMap(({ id }, i) => (numbers[i] === null ? [] : [[id, numbers[i]] as [string, number]])));
  boards.set(key, { state, tiers: found });
  return found;
}
