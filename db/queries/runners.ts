/** Runners: registered by their key, approved by an admin, revoked with everything that they signed. */
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { enqueueVerification } from '../queue/verification';
import { events, type Runner, runners, runs, users, versions } from '../schema';
import { askForAnother } from './further-opinions';
import { revokeSpotResults, spottedBy } from './spot-checks';
import { recomputeStanding } from './standings';
import { judgedBy, revokeVerdicts } from './witnesses';

export interface NewRunner {
  /** Null for this installation's own. */
  ownerId: string | null;
  local: boolean;
  name: string;
  /** Base64 of 32 bytes. */
  publicKey: string;
  backend: Runner['backend'];
  device: string;
  architecture: string | null;
  engine: string;
  versions: Record<string, string>;
}

/** Runners that an account may have, those apart whose keys were revoked. */
export const MOST_RUNNERS = 50;

/**
 * The same key is the same runner, with what it says of itself now. `taken`: the key is somebody else's, or revoked;
 * `too-many`: a new one, of an account that has as many as it may.
 */
export async function registerRunner(db: Db, runner: NewRunner): Promise<Runner | 'taken' | 'too-many'> {
  const { ownerId, local, publicKey, ...said } = runner;
  if (ownerId !== null) {
    const own = await db
      .select({ publicKey: runners.publicKey })
      .from(runners)
      .where(and(eq(runners.ownerId, ownerId), isNull(runners.revokedAt)));
    if (own.length >= MOST_RUNNERS && !own.some((known) => known.publicKey === publicKey)) return 'too-many';
  }
  const [row] = await db
    .insert(runners)
    .values(runner)
    .onConflictDoUpdate({
      target: runners.publicKey,
      // A GPU that is away today was there when its runs were made.
      set: { ...said, architecture: said.architecture ?? sql`${runners.architecture}`, lastSeenAt: sql`now()` },
      setWhere: and(
        ownerId === null ? isNull(runners.ownerId) : eq(runners.ownerId, ownerId),
        eq(runners.local, local),
        isNull(runners.revokedAt),
      ),
    })
    .returning();
  return row ?? 'taken';
}

/** A runner that may work: it is the caller's, and its key has not been revoked. */
export async function workingRunner(db: Db, id: string, owner: { ownerId: string | null; local: boolean }): Promise<Runner | undefined> {
  const [row] = await db
    .update(runners)
    .set({ lastSeenAt: sql`now()` })
    .where(
      and(
        eq(runners.id, id),
        owner.ownerId === null ? isNull(runners.ownerId) : eq(runners.ownerId, owner.ownerId),
        eq(runners.local, owner.local),
        isNull(runners.revokedAt),
      ),
    )
    .returning();
  return row;
}

/** As many as a page shows. */
const MOST_LISTED = 500;

/** Who runs what, the latest seen first; of those of which nothing was heard for long, the last are left out. */
export const listRunners = (db: Db) =>
  db
    .select({
      ...{ id: runners.id, name: runners.name, owner: users.name, local: runners.local, publicKey: runners.publicKey },
      ...{ backend: runners.backend, device: runners.device, architecture: runners.architecture, engine: runners.engine },
      ...{ approvedAt: runners.approvedAt, revokedAt: runners.revokedAt, revokedReason: runners.revokedReason },
      ...{ createdAt: runners.createdAt, lastSeenAt: runners.lastSeenAt, versions: runners.versions },
      runs: db.$count(runs, and(eq(runs.runnerId, runners.id), isNull(runs.revokedAt))),
    })
    .from(runners)
    .leftJoin(users, eq(users.id, runners.ownerId))
    .orderBy(desc(runners.lastSeenAt))
    .limit(MOST_LISTED);

/** An admin's approval makes the runner's runs count, those that it has signed before, too. False if there is no such runner. */
export async function approveRunner(db: Db, id: string, adminId: string): Promise<boolean> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const [row] = await tx
      .update(runners)
      .set({ approvedAt: sql`now()`, approvedBy: adminId })
      .where(and(eq(runners.id, id), isNull(runners.revokedAt)))
      .returning();
    if (!row) return false;
    await recomputeAll(tx, id);
    return true;
  });
}

/** The key counts for nothing from now on, and its runs and verdicts are revoked with it. False if it was revoked before or never was. */
export async function revokeRunner(db: Db, id: string, reason: string): Promise<boolean> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const [row] = await tx
      .update(runners)
      .set({ revokedAt: sql`now()`, revokedReason: reason })
      .where(and(eq(runners.id, id), isNull(runners.revokedAt)))
      .returning();
    if (!row) return false;
    await recomputeAll(tx, id, `the runner’s key was revoked: ${reason}`);
    return true;
  });
}

/** Recomputes every standing that a runner has a part in; `revoked`: its runs are revoked for this reason first. */
async function recomputeAll(tx: Db, runnerId: string, revoked?: string): Promise<void> {
  const signed = await tx
    .select({ id: runs.id, versionId: runs.versionId, board: runs.board, protocol: runs.protocol, modelId: versions.modelId })
    .from(runs)
    .innerJoin(versions, eq(versions.id, runs.versionId))
    .where(and(eq(runs.runnerId, runnerId), isNull(runs.revokedAt)))
    // In one order everywhere: two that lock the same versions never wait for each other.
    .orderBy(runs.versionId, runs.board);
  const judged = await judgedBy(tx, runnerId);
  const spotted = await spottedBy(tx, runnerId);
  for (const versionId of [...new Set([...signed, ...judged, ...spotted].map((of) => of.versionId))].sort())
    await tx.execute(sql`select 1 from ${versions} where ${versions.id} = ${versionId} for update`);
  if (revoked !== undefined) {
    await tx
      .update(runs)
      .set({ revokedAt: sql`now()`, revokedReason: revoked })
      .where(and(eq(runs.runnerId, runnerId), isNull(runs.revokedAt)));
    for (const { id, versionId, board, modelId } of signed)
      await tx.insert(events).values({ kind: 'run-revoked', modelId, versionId, board, runId: id, data: { reason: revoked } });
    await revokeVerdicts(tx, runnerId, revoked);
    await revokeSpotResults(tx, runnerId, revoked);
  }
  const keys = new Map(
    [...signed, ...judged].map(({ versionId, board, protocol }) => [`${versionId} ${board} ${protocol}`, { versionId, board, protocol }]),
  );
  for (const key of keys.values()) {
    const standing = await recomputeStanding(tx, key);
    const [{ state }] = await tx.select({ state: versions.state }).from(versions).where(eq(versions.id, key.versionId));
    if (revoked !== undefined && state === 'public' && !['verified', 'double-verified'].includes(standing?.state ?? ''))
      await enqueueVerification(tx, key, 'revoked');
    await askForAnother(tx, key, standing?.state ?? null);
  }
}
