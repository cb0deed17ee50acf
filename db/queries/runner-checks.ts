/**
 * Runners and the pinned reference models: what is due, what is measured now, how it went. Not jobs of the queue, since each
 * is for one runner; on lease by the database's clock as those are.
 */
import { and, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Reference, ReferenceOutcome } from '../../lib/protocol/reference-check';
import type { Db } from '../client';
import { type CheckOutcome, type RunnerCheck, runnerChecks, runners } from '../schema';

/** Hours after which a model that held is due again, and one that did not. */
const AGAIN_HOURS = { held: 24, otherwise: 1 };
/** Work of the queue goes first, but not for longer than this. */
const OVERDUE_HOURS = 30;

const now = sql`clock_timestamp()`;
const after = (seconds: number) => sql`clock_timestamp() + ${seconds} * interval '1 second'`;
const MEASURED = ['held', 'drifted'] as const;
const COUNTED = [...MEASURED, 'failed'] as const;

export interface ReferenceStanding {
  /** The reference to measure next; undefined where none is due. */
  due?: Reference;
  /** It can't wait for the queue to be empty: it was measured too long ago, or never since the runner came. */
  pressing: boolean;
  /** A reference drifted and has not held since: the runner gets nothing else until it does. */
  drifted: boolean;
}

/** Where a runner stands with each of `references`, by the newest time that it measured them. */
export async function referenceStanding(db: Db, runnerId: string, references: readonly Reference[]): Promise<ReferenceStanding> {
  // One question for all of it: every lease waits for the answer.
  const rows = await db
    .selectDistinctOn([runnerChecks.model, runnerChecks.outcome], {
      model: runnerChecks.model,
      outcome: runnerChecks.outcome,
      hours: sql<number>`extract(epoch from ${now} - ${runnerChecks.endedAt})::float8 / 3600`,
    })
    .from(runnerChecks)
    .where(and(eq(runnerChecks.runnerId, runnerId), inArray(runnerChecks.outcome, [...COUNTED])))
    .orderBy(runnerChecks.model, runnerChecks.outcome, desc(runnerChecks.endedAt));
  const newest = (counted: readonly (CheckOutcome | null)[]) => {
    const last = new Map<string, (typeof rows)[number]>();
    for (const row of rows)
      if (counted.includes(row.outcome) && row.hours < (last.get(row.model)?.hours ?? Number.POSITIVE_INFINITY)) last.set(row.model, row);
    return last;
  };
  const tried = newest(COUNTED);
  // A check that failed says nothing of the numbers: only one that holds ends a drift.
  const measured = newest(MEASURED);
  const [{ since }] = await db
    .select({ since: sql<number>`extract(epoch from ${now} - ${runners.createdAt})::float8 / 3600` })
    .from(runners)
    .where(eq(runners.id, runnerId));
  const age = ({ model }: Reference) => tried.get(model)?.hours ?? Number.POSITIVE_INFINITY;
  const waits = (r: Reference) => Math.min(age(r), since);
  const again = ({ model }: Reference) => AGAIN_HOURS[tried.get(model)?.outcome === 'held' ? 'held' : 'otherwise'];
  const due = references.filter((r) => age(r) >= again(r)).sort((a, b) => age(b) - age(a) || 0)[0];
  return {
    ...(due ? { due } : {}),
    pressing: due !== undefined && waits(due) >= OVERDUE_HOURS,
    drifted: references.some((r) => measured.get(r.model)?.outcome === 'drifted'),
  };
}

/** The check that a runner has under way; one that is silent too long has ended. */
export async function runningCheck(db: Db, runnerId: string): Promise<RunnerCheck | undefined> {
  await db
    .update(runnerChecks)
    .set({ endedAt: now, outcome: 'expired' })
    .where(and(eq(runnerChecks.runnerId, runnerId), isNull(runnerChecks.endedAt), lt(runnerChecks.expiresAt, now)));
  const [row] = await db
    .select()
    .from(runnerChecks)
    .where(and(eq(runnerChecks.runnerId, runnerId), isNull(runnerChecks.endedAt)));
  return row;
}

/** Begins one; where one is under way already, that one. */
export async function beginCheck(db: Db, runnerId: string, { model, board }: Reference, seconds: number): Promise<RunnerCheck> {
  for (;;) {
    const [row] = await db
      .insert(runnerChecks)
      .values({ runnerId, model, board, startedAt: now, expiresAt: after(seconds) })
      .onConflictDoNothing()
      .returning();
    const found = row ?? (await runningCheck(db, runnerId));
    if (found) return found;
    // It ended between the two statements: there is room for a new one now.
  }
}

/** A sign of life; false where the check is not this runner's or has ended. */
export async function renewCheck(db: Db, id: string, runnerId: string, seconds: number): Promise<boolean> {
  const renewed = await db
    .update(runnerChecks)
    .set({ expiresAt: after(seconds) })
    .where(and(eq(runnerChecks.id, id), eq(runnerChecks.runnerId, runnerId), isNull(runnerChecks.endedAt)))
    .returning({ id: runnerChecks.id });
  return renewed.length > 0;
}

export type CheckEnd =
  | { outcome: 'held' | 'drifted'; details: ReferenceOutcome; report: string; signature: string }
  | { outcome: 'failed'; message: string }
  | { outcome: 'released' };

/** Ends it; undefined where it is not this runner's, or has ended. The same signature again is the same end. */
export async function endCheck(db: Db, id: string, runnerId: string, end: CheckEnd): Promise<CheckOutcome | undefined> {
  const [ended] = await db
    .update(runnerChecks)
    .set({ ...end, endedAt: now })
    .where(and(eq(runnerChecks.id, id), eq(runnerChecks.runnerId, runnerId), isNull(runnerChecks.endedAt)))
    .returning({ outcome: runnerChecks.outcome });
  if (ended) return ended.outcome ?? undefined;
  if (!('signature' in end)) return undefined;
  const [known] = await db
    .select({ outcome: runnerChecks.outcome })
    .from(runnerChecks)
    .where(and(eq(runnerChecks.id, id), eq(runnerChecks.runnerId, runnerId), eq(runnerChecks.signature, end.signature)));
  return known?.outcome ?? undefined;
}

/** The newest time that each runner measured each reference, for everybody to read. */
export const newestChecks = (db: Db) =>
  db
    .selectDistinctOn([runnerChecks.runnerId, runnerChecks.model], {
      ...{ runnerId: runnerChecks.runnerId, model: runnerChecks.model, board: runnerChecks.board, outcome: runnerChecks.outcome },
      ...{ details: runnerChecks.details, message: runnerChecks.message, endedAt: runnerChecks.endedAt },
    })
    .from(runnerChecks)
    .where(inArray(runnerChecks.outcome, [...COUNTED]))
    .orderBy(runnerChecks.runnerId, runnerChecks.model, desc(runnerChecks.endedAt));

/** Runners of which a reference drifted and has not held since. */
export async function driftingRunners(db: Db): Promise<Set<string>> {
  const newest = await db
    .selectDistinctOn([runnerChecks.runnerId, runnerChecks.model], { runnerId: runnerChecks.runnerId, outcome: runnerChecks.outcome })
    .from(runnerChecks)
    .where(inArray(runnerChecks.outcome, [...MEASURED]))
    .orderBy(runnerChecks.runnerId, runnerChecks.model, desc(runnerChecks.endedAt));
  return new Set(newest.filter((row) => row.outcome === 'drifted').map((row) => row.runnerId));
}

/** Agreement with the pinned reports by GPU architecture (a processor counts as its backend), over the last 90 days. */
export const agreementByArchitecture = (db: Db) => {
  const architecture = sql<string>`coalesce(${runners.architecture}, ${runners.backend})`;
  const sum = (key: string) => sql<number>`coalesce(sum((${runnerChecks.details}->>${key})::float8), 0)::float8`;
  const most = (key: string) => sql<number | null>`max((${runnerChecks.details}->>${key})::float8)`;
  return db
    .select({
      architecture: architecture.as('architecture'),
      checks: sql<number>`count(*)::int`,
      held: sql<number>`count(*) filter (where ${runnerChecks.outcome} = 'held')::int`,
      ...{ outcomes: sum('outcomes'), flips: sum('flips') },
      ...{ cleanCollapse: most('cleanCollapse'), otherCollapse: most('otherCollapse') },
    })
    .from(runnerChecks)
    .innerJoin(runners, eq(runners.id, runnerChecks.runnerId))
    .where(
      and(
        inArray(runnerChecks.outcome, [...MEASURED]),
        isNull(runners.revokedAt),
        sql`${runnerChecks.endedAt} > now() - interval '90 days'`,
      ),
    )
    .groupBy(sql`1`)
    .orderBy(sql`1`);
};
