/** What an account is told on its own page: what others did about its models, and what was answered to it. */
import { and, desc, eq, gt, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import type { Db } from '../client';
import type { Job } from '../queue/boss';
import { type EventKind, events, models, users, versions } from '../schema';

/** Kinds that are for one account alone, `accountId`; they name no version, so that no feed and no history has them. */
export const PRIVATE_KINDS = ['complaint-answered', 'measuring-failed'] as const satisfies EventKind[];

const about = (accountId: string) =>
  or(
    and(eq(models.ownerId, accountId), sql`${events.accountId} is distinct from ${accountId}`),
    and(isNull(events.versionId), eq(events.accountId, accountId), inArray(events.kind, PRIVATE_KINDS)),
  );

/** The newest first. */
export const noticesOf = (db: Db, accountId: string, limit = 30) =>
  db
    .select({
      ...{ id: events.id, at: events.at, kind: events.kind, board: events.board, runId: events.runId, data: events.data },
      ...{ slug: models.slug, name: models.name, version: versions.number, by: users.name },
    })
    .from(events)
    .leftJoin(versions, eq(versions.id, events.versionId))
    .leftJoin(models, eq(models.id, versions.modelId))
    .leftJoin(users, eq(users.id, events.accountId))
    .where(about(accountId))
    .orderBy(desc(events.id))
    .limit(limit);
export type Notice = Awaited<ReturnType<typeof noticesOf>>[number];

/** How many came since the account last saw its page. */
export async function unreadOf(db: Db, accountId: string): Promise<number> {
  const [self] = await db.select({ seen: users.seenEvent }).from(users).where(eq(users.id, accountId));
  if (!self) return 0;
  const [{ unread }] = await db
    .select({ unread: sql<number>`count(*)::int` })
    .from(events)
    .leftJoin(versions, eq(versions.id, events.versionId))
    .leftJoin(models, eq(models.id, versions.modelId))
    .where(and(gt(events.id, self.seen), about(accountId)));
  return unread;
}

/** Everything up to this event has been shown; never backwards, in whatever order pages end. */
export async function sawNotices(db: Db, accountId: string, upTo: number): Promise<void> {
  await db
    .update(users)
    .set({ seenEvent: upTo })
    .where(and(eq(users.id, accountId), lt(users.seenEvent, upTo)));
}

/** Tells the submitters, in the transaction that ends the jobs, what could not be measured. */
export async function noteFailed(tx: Db, failed: readonly Job[], message: string): Promise<void> {
  for (const job of failed) {
    if (job.kind !== 'verification') continue;
    const [of] = await tx
      .select({ ownerId: models.ownerId, slug: models.slug, name: models.name, version: versions.number })
      .from(versions)
      .innerJoin(models, eq(models.id, versions.modelId))
      .where(eq(versions.id, job.versionId));
    if (!of?.ownerId) continue;
    const { ownerId: accountId, ...data } = of;
    await tx.insert(events).values({ kind: 'measuring-failed', board: job.board, accountId, data: { ...data, message } });
  }
}
