/** Tiers of a board's ranked rows, kept in memory until one of its standings changes. */
import { and, count, eq, max, sql } from 'drizzle-orm';
import { tiers } from '../../lib/protocol/tiers';
import type { Db } from '../client';
import { standings, versions } from '../schema';

const kept = new WeakMap<Db, Map<string, { state: string; tiers: Map<string, number> }>>();

/** Tier number by version, of those that are ranked by robust accuracy. */
export async function boardTiers(db: Db, board: string, protocol: string): Promise<Map<string, number>> {
  const here = and(eq(standings.board, board), eq(standings.protocol, protocol), eq(versions.state, 'public'));
  const ranked = and(here, sql`jsonb_array_length(${standings.rankings}) > 0`);
  const [{ rows, newest }] = await db
    .select({ rows: count(), newest: max(standings.updatedAt) })
    .from(standings)
    .innerJoin(versions, eq(versions.id, standings.versionId))
    .where(here);
  const state = `${rows} ${newest?.getTime() ?? 0}`;
  const boards = kept.get(db) ?? new Map();
  kept.set(db, boards);
  const key = `${board} ${protocol}`;
  const before = boards.get(key);
  if (before?.state === state) return before.tiers;
  const list = await db
    .select({ id: standings.versionId, bits: standings.robustBits, samples: standings.samples })
    .from(standings)
    .innerJoin(versions, eq(versions.id, standings.versionId))
    .where(ranked)
    .orderBy(sql`${standings.robust} desc nulls last`, standings.versionId);
  const numbers = tiers(list.map(({ bits, samples }) => (bits ? { bytes: bits, samples } : null)));
  const found = new Map(list.flatMap(({ id }, i) => (numbers[i] === null ? [] : [[id, numbers[i]] as [string, number]])));
  boards.set(key, { state, tiers: found });
  return found;
}
