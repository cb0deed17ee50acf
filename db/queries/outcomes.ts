/** Per-image outcomes of a board's rows, as bitmaps: what comparisons and the hardest images are made of. */
import { and, desc, eq, inArray } from 'drizzle-orm';
import { robustCount } from '../../lib/protocol/counts';
import { fromBase64 } from '../../lib/protocol/evidence';
import type { Bitmap } from '../../lib/protocol/mcnemar';
import { reportSchema } from '../../lib/protocol/report';
import type { Db } from '../client';
import { models, runs, standings, versions } from '../schema';

/** What an image has to withstand: all accepted evidence, the two PGD attacks, or nothing. */
export const OUTCOME_BASES = ['robust', 'pgd', 'clean'] as const;
export type OutcomeBasis = (typeof OUTCOME_BASES)[number];

interface At {
  board: string;
  protocol: string;
}

const onBoard = ({ board, protocol }: At) => and(eq(standings.board, board), eq(standings.protocol, protocol), eq(standings.listed, true));

/** Bitmap by version; a version without that evidence on the board has none. */
export async function bitmapsOf(db: Db, at: At, basis: OutcomeBasis, versionIds: readonly string[]): Promise<Map<string, Bitmap>> {
  if (versionIds.length === 0) return new Map();
  const here = and(onBoard(at), inArray(standings.versionId, [...versionIds]));
  if (basis === 'clean') {
    const rows = await db
      .select({ id: standings.versionId, report: runs.report })
      .from(standings)
      .innerJoin(runs, eq(runs.id, standings.runId))
      .where(here);
    return new Map(
      rows.flatMap(({ id, report }): [string, Bitmap][] => {
        const { evidence, counts } = reportSchema.parse(JSON.parse(report));
        return evidence.clean === undefined ? [] : [[id, { bytes: fromBase64(evidence.clean), samples: counts.samples }]];
      }),
    );
  }
  const rows = await db
    .select({
      id: standings.versionId,
      bits: basis === 'pgd' ? standings.pgdBits : standings.robustBits,
      ...{ samples: standings.samples, autoattackSamples: standings.autoattackSamples },
    })
    .from(standings)
    .where(here);
  return new Map(
    rows.flatMap(({ id, bits, ...counts }): [string, Bitmap][] =>
      bits ? [[id, { bytes: bits, samples: basis === 'pgd' ? counts.samples : robustCount(counts) }]] : [],
    ),
  );
}

/** A model by its slug, and a version by its number; undefined: the newest public one. */
export interface Named {
  slug: string;
  number?: number;
}

/** Public versions by name, in the order asked for; null for what there is not. Boards are those where each was measured. */
export async function publicVersionsNamed(db: Db, names: readonly Named[], protocol: string) {
  if (names.length === 0) return [];
  const slugs = [...new Set(names.map((n) => n.slug))];
  const rows = await db
    .select({ id: versions.id, slug: models.slug, name: models.name, number: versions.number, board: standings.board })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(standings, and(eq(standings.versionId, versions.id), eq(standings.protocol, protocol)))
    .where(and(inArray(models.slug, slugs), eq(versions.state, 'public')))
    .orderBy(desc(versions.number));
  return names.map(({ slug, number }) => {
    const first = rows.find((r) => r.slug === slug && (number === undefined || r.number === number));
    if (!first) return null;
    const { board: _, ...version } = first;
    return { ...version, boards: rows.flatMap((r) => (r.id === first.id && r.board ? [r.board] : [])) };
  });
}

/** Versions on the board that were measured in full and are not disqualified: the ones that an image has to be hard for. */
export async function fullRows(db: Db, at: At, rankedOnly: boolean) {
  const rows = await db
    .select({
      ...{ versionId: standings.versionId, runId: standings.runId, slug: models.slug, name: models.name, version: versions.number },
      ...{ state: standings.state, rankings: standings.rankings, robust: standings.robust },
    })
    .from(standings)
    .innerJoin(versions, eq(versions.id, standings.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(and(onBoard(at), eq(standings.full, true)))
    .orderBy(desc(standings.robust), standings.versionId);
  return rows.filter(({ state, rankings }) => state !== 'disqualified' && (!rankedOnly || rankings.length > 0));
}
