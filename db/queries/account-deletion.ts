/** An account leaves: what was only its own goes, what everybody has seen stays, without its name. */
import { and, eq, inArray, isNull, ne, notExists, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { accounts, apikeys, events, files, idempotencyKeys, models, sessions, users, verifications, versions } from '../schema';
import { markFilesLoose } from './loose-blobs';

export const DELETED_USER = 'deleted user';
const WEIGHTS_REMOVED = 'its submitter left and had its files removed';

/**
 * Its sessions, tokens, ways to sign in and all that was never public are removed; its name and address, too. Its row stays
 * as “deleted user”: runs that its runners signed keep their voice, which rests on who owned the runner, and nobody can
 * confirm his own models by leaving. Without tokens its runners sign nothing any more.
 */
export async function deleteAccount(
  db: Db,
  accountId: string,
  { removeWeights }: { removeWeights: boolean },
): Promise<'done' | 'no-account' | 'last-admin'> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // As roles are given: one at a time, so that two admins who leave at once don't both go.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('roles', 0))`);
    const [self] = await tx
      .select({ role: users.role })
      .from(users)
      .where(and(eq(users.id, accountId), isNull(users.deletedAt)))
      .for('update');
    if (!self) return 'no-account';
    const admins = await tx.$count(users, and(eq(users.role, 'admin'), ne(users.id, accountId)));
    if (self.role === 'admin' && admins === 0) return 'last-admin';
    await removeVersions(tx, accountId, removeWeights);
    await tx.delete(sessions).where(eq(sessions.userId, accountId));
    await tx.delete(accounts).where(eq(accounts.userId, accountId));
    await tx.delete(apikeys).where(eq(apikeys.referenceId, accountId));
    await tx.delete(verifications).where(eq(verifications.value, accountId));
    await tx.delete(idempotencyKeys).where(eq(idempotencyKeys.accountId, accountId));
    const nobody = { name: DELETED_USER, email: `${accountId}@deleted.invalid`, emailVerified: false, image: null };
    await tx
      .update(users)
      .set({ ...nobody, role: 'submitter', letters: [], deletedAt: sql`now()`, updatedAt: sql`now()` })
      .where(eq(users.id, accountId));
    return 'done';
  });
}

/** Drafts and the like in any case; files of what is or was public where that is wished. */
async function removeVersions(tx: Db, accountId: string, removeWeights: boolean): Promise<void> {
  const own = await tx
    .select({ version: versions })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(models.ownerId, accountId));
  for (const { version } of own) {
    const { id: versionId, modelId, board, state } = version;
    const seen = state === 'public' || state === 'hidden';
    if (seen && (!removeWeights || version.weightsRemovedAt !== null)) continue;
    await markFilesLoose(tx, versionId);
    if (!seen) {
      await tx.delete(versions).where(eq(versions.id, versionId));
      continue;
    }
    await tx.delete(files).where(eq(files.versionId, versionId));
    await tx
      .update(versions)
      .set({ weightsRemovedAt: sql`now()`, locked: version.locked ?? WEIGHTS_REMOVED })
      .where(eq(versions.id, versionId));
    await tx.insert(events).values({ kind: 'weights-removed', modelId, versionId, board, accountId });
  }
  const left = tx.select({ one: sql`1` }).from(versions).where(eq(versions.modelId, models.id));
  const ids = [...new Set(own.map(({ version }) => version.modelId))];
  if (ids.length) await tx.delete(models).where(and(inArray(models.id, ids), notExists(left)));
}
