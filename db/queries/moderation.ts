/** What admins decide about versions, and what people bring to them. Every decision is an event with its public reason. */
import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Db } from '../client';
import {
  type Appeal,
  appeals,
  type ComplaintKind,
  complaints,
  type EventKind,
  events,
  models,
  runs,
  standings,
  users,
  versions,
} from '../schema';
import { recomputeStanding } from './standings';
import { isUniqueViolation } from './submissions';

export const DECISIONS = ['hide', 'show', 'lock', 'unlock', 'disqualify', 'reinstate'] as const;
export type Decision = (typeof DECISIONS)[number];

type Version = typeof versions.$inferSelect;

interface Rule {
  event: EventKind;
  /** Whether it changes anything. */
  fits(version: Version): boolean;
  change(reason: string): Partial<Version>;
}

const RULES: Record<Decision, Rule> = {
  hide: { event: 'hidden', fits: (v) => v.state === 'public', change: (reason) => ({ state: 'hidden', reasons: [reason] }) },
  show: { event: 'shown', fits: (v) => v.state === 'hidden', change: () => ({ state: 'public', reasons: [] }) },
  lock: { event: 'locked', fits: (v) => v.locked === null, change: (locked) => ({ locked }) },
  unlock: { event: 'unlocked', fits: (v) => v.locked !== null, change: () => ({ locked: null }) },
  disqualify: { event: 'disqualified', fits: (v) => v.disqualified === null, change: (disqualified) => ({ disqualified }) },
  reinstate: { event: 'reinstated', fits: (v) => v.disqualified !== null, change: () => ({ disqualified: null }) },
};

/** `no-change`: it is so already, or the version was never public; `duplicate`: its weights are public elsewhere by now. */
export type Decided = 'done' | 'no-version' | 'no-change' | 'duplicate';

export async function decide(db: Db, versionId: string, decision: Decision, reason: string, adminId: string): Promise<Decided> {
  try {
    return await db.transaction((tx) => decideIn(tx as unknown as Db, versionId, decision, reason, adminId));
  } catch (error) {
    if (isUniqueViolation(error, 'versions_public_sha256')) return 'duplicate';
    throw error;
  }
}

async function decideIn(tx: Db, versionId: string, decision: Decision, reason: string, adminId: string): Promise<Decided> {
  const [version] = await tx.select().from(versions).where(eq(versions.id, versionId)).for('update');
  if (!version) return 'no-version';
  const rule = RULES[decision];
  if ((version.state !== 'public' && version.state !== 'hidden') || !rule.fits(version)) return 'no-change';
  await tx.update(versions).set(rule.change(reason)).where(eq(versions.id, versionId));
  const { modelId, board } = version;
  await tx.insert(events).values({ kind: rule.event, modelId, versionId, board, accountId: adminId, data: { reason } });
  await recomputeAllOf(tx, versionId);
  return 'done';
}

/** On every board and under every protocol that it was measured on. */
export async function recomputeAllOf(tx: Db, versionId: string): Promise<void> {
  const measured = await tx.selectDistinct({ board: runs.board, protocol: runs.protocol }).from(runs).where(eq(runs.versionId, versionId));
  for (const { board, protocol } of measured) await recomputeStanding(tx, { versionId, board, protocol });
}

/** Why a model is out of sight for this reader, though there is one: the newest hidden version of it. */
export async function hiddenModel(db: Db, slug: string) {
  const [row] = await db
    .select({ reasons: versions.reasons, sha256: versions.sha256, number: versions.number })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(and(eq(models.slug, slug), eq(versions.state, 'hidden')))
    .orderBy(desc(versions.number))
    .limit(1);
  return row;
}

export async function complain(
  db: Db,
  complaint: { versionId: string; kind: ComplaintKind; text: string; accountId: string },
): Promise<string> {
  const [{ id }] = await db.insert(complaints).values(complaint).returning({ id: complaints.id });
  return id;
}

const complainers = alias(users, 'complainers');

/** Open complaints, the oldest first. */
export const openComplaints = (db: Db) =>
  db
    .select({
      ...{ id: complaints.id, kind: complaints.kind, text: complaints.text, by: complainers.name, createdAt: complaints.createdAt },
      ...{ versionId: versions.id, slug: models.slug, name: models.name, version: versions.number, board: versions.board },
      ...{ state: versions.state, locked: versions.locked, disqualified: versions.disqualified },
    })
    .from(complaints)
    .innerJoin(versions, eq(versions.id, complaints.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(complainers, eq(complainers.id, complaints.accountId))
    .where(isNull(complaints.answeredAt))
    .orderBy(asc(complaints.createdAt))
    .limit(200);

/** What an account has complained of, with what it was told, newest first. */
export const complaintsBy = (db: Db, accountId: string) =>
  db
    .select({
      ...{ id: complaints.id, kind: complaints.kind, text: complaints.text, createdAt: complaints.createdAt },
      ...{ answer: complaints.answer, answeredAt: complaints.answeredAt, slug: models.slug, name: models.name },
    })
    .from(complaints)
    .innerJoin(versions, eq(versions.id, complaints.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(complaints.accountId, accountId))
    .orderBy(desc(complaints.createdAt))
    .limit(50);

/** Closes a complaint with what its sender is told. False where there is none that is open. */
export async function answerComplaint(db: Db, id: string, answer: string, adminId: string): Promise<boolean> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const [answered] = await tx
      .update(complaints)
      .set({ answer, answeredAt: sql`now()`, answeredBy: adminId })
      .where(and(eq(complaints.id, id), isNull(complaints.answeredAt)))
      .returning();
    if (!answered) return false;
    const [about] = await tx
      .select({ slug: models.slug, name: models.name, version: versions.number })
      .from(versions)
      .innerJoin(models, eq(models.id, versions.modelId))
      .where(eq(versions.id, answered.versionId));
    if (answered.accountId !== null)
      await tx.insert(events).values({ kind: 'complaint-answered', accountId: answered.accountId, data: { ...about, answer } });
    return true;
  });
}

/** `nothing-to-appeal`: neither disqualified nor hidden; `appealed`: a version has one appeal. */
export async function appeal(
  db: Db,
  versionId: string,
  accountId: string,
  text: string,
): Promise<'done' | 'nothing-to-appeal' | 'appealed'> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const [version] = await tx.select().from(versions).where(eq(versions.id, versionId)).for('update');
    if (!version || (version.disqualified === null && version.state !== 'hidden')) return 'nothing-to-appeal';
    const [made] = await tx.insert(appeals).values({ versionId, accountId, text }).onConflictDoNothing().returning();
    if (!made) return 'appealed';
    const { modelId, board } = version;
    await tx.insert(events).values({ kind: 'appealed', modelId, versionId, board, accountId, data: {} });
    return 'done';
  });
}

export const appealOf = async (db: Db, versionId: string): Promise<Appeal | undefined> =>
  (await db.select().from(appeals).where(eq(appeals.versionId, versionId)))[0];

/** Open appeals, the oldest first. */
export const openAppeals = (db: Db) =>
  db
    .select({
      ...{ versionId: appeals.versionId, text: appeals.text, createdAt: appeals.createdAt, by: users.name },
      ...{ slug: models.slug, name: models.name, version: versions.number },
      ...{ state: versions.state, reasons: versions.reasons, disqualified: versions.disqualified },
    })
    .from(appeals)
    .innerJoin(versions, eq(versions.id, appeals.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(users, eq(users.id, appeals.accountId))
    .where(isNull(appeals.answeredAt))
    .orderBy(asc(appeals.createdAt));

/** The last word, public; upheld, what was appealed against is taken back with it. */
export async function answerAppeal(
  db: Db,
  versionId: string,
  { upheld, answer }: { upheld: boolean; answer: string },
  adminId: string,
): Promise<Decided> {
  try {
    return await db.transaction(async (transaction) => {
      const tx = transaction as unknown as Db;
      const [version] = await tx.select().from(versions).where(eq(versions.id, versionId)).for('update');
      if (!version) return 'no-version';
      const [answered] = await tx
        .update(appeals)
        .set({ upheld, answer, answeredAt: sql`now()`, answeredBy: adminId })
        .where(and(eq(appeals.versionId, versionId), isNull(appeals.answeredAt)))
        .returning();
      if (!answered) return 'no-change';
      const { modelId, board } = version;
      const data = { upheld, answer };
      await tx.insert(events).values({ kind: 'appeal-answered', modelId, versionId, board, accountId: adminId, data });
      if (!upheld) return 'done';
      if (version.disqualified !== null) await decideIn(tx, versionId, 'reinstate', answer, adminId);
      if (version.state === 'hidden') await decideIn(tx, versionId, 'show', answer, adminId);
      return 'done';
    });
  } catch (error) {
    if (isUniqueViolation(error, 'versions_public_sha256')) return 'duplicate';
    throw error;
  }
}

/** Boards that a version can be measured again on: its own, and those where it stands. */
export async function boardsOf(db: Db, versionId: string): Promise<string[]> {
  const own = await db.select({ board: versions.board }).from(versions).where(eq(versions.id, versionId));
  const rows = await db.selectDistinct({ board: standings.board }).from(standings).where(eq(standings.versionId, versionId));
  return [...new Set([...own, ...rows].map(({ board }) => board))];
}
