/** What the site has counted: before and after a fault these are held against each other. */
import { createHash } from 'node:crypto';
import { and, asc, count, eq, isNull } from 'drizzle-orm';
import type { Db } from '../../db/client';
import { jobs, QUEUE } from '../../db/queue/boss';
import { queueLeases, runs, standings, witnessOutcomes, witnessVerdicts } from '../../db/schema';

export interface Counts {
  /** Jobs by what became of them. */
  open: number;
  done: number;
  failed: number;
  /** Hand-outs of jobs to runners. */
  leases: number;
  runs: number;
  verdicts: number;
  /** Images that witnesses took from a model for the first time. */
  broken: number;
  /** Digest of every standing: state, numbers, and the bits that tiers are made of. */
  standings: string;
}

export async function countAll(db: Db): Promise<Counts> {
  const states = await db.select({ state: jobs.state, n: count() }).from(jobs).where(eq(jobs.name, QUEUE)).groupBy(jobs.state);
  const inState = (...names: string[]) => states.filter((s) => names.includes(s.state)).reduce((sum, s) => sum + s.n, 0);
  const [[leases], [kept], [verdicts], [broken]] = await Promise.all([
    db.select({ n: count() }).from(queueLeases),
    db.select({ n: count() }).from(runs).where(isNull(runs.revokedAt)),
    db.select({ n: count() }).from(witnessVerdicts).where(isNull(witnessVerdicts.revokedAt)),
    db
      .select({ n: count() })
      .from(witnessOutcomes)
      .innerJoin(witnessVerdicts, and(eq(witnessVerdicts.id, witnessOutcomes.verdictId), isNull(witnessVerdicts.revokedAt)))
      .where(eq(witnessOutcomes.first, true)),
  ]);
  return {
    ...{ open: inState('created', 'retry', 'active'), done: inState('completed'), failed: inState('failed') },
    ...{ leases: leases.n, runs: kept.n, verdicts: verdicts.n, broken: broken.n, standings: await standingsDigest(db) },
  };
}

async function standingsDigest(db: Db): Promise<string> {
  const all = await db.select().from(standings).orderBy(asc(standings.versionId), asc(standings.board), asc(standings.protocol));
  // Which of several equal runs is shown, and when, is no part of the score.
  const scores = all.map(({ runId: _, basis: __, measuredAt: ___, updatedAt: ____, pgdBits, robustBits, ...numbers }) => [
    numbers,
    ...[pgdBits, robustBits].map((bits) => bits && Buffer.from(bits).toString('base64')),
  ]);
  return createHash('sha256').update(JSON.stringify(scores)).digest('hex').slice(0, 12);
}

/** One line for a table: what changed, and that the rest did not. */
export function difference(before: Counts, after: Counts): string {
  const names = {
    ...{ open: 'jobs open', done: 'jobs done', failed: 'jobs failed', leases: 'leases' },
    ...{ runs: 'runs', verdicts: 'verdicts', broken: 'images broken' },
  };
  const moved = Object.entries(names).flatMap(([key, name]) => {
    const [was, is] = [before[key as 'open'], after[key as 'open']];
    return was === is ? [] : [`${name} ${was} → ${is}`];
  });
  return [...moved, before.standings === after.standings ? 'standings unmoved' : 'standings new'].join(', ');
}
