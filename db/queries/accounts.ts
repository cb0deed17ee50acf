/** Accounts as admins see them, and the roles that they give. */
import { and, desc, eq, ilike, isNull, ne, or, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { models, type Role, users } from '../schema';
import { escapeLike } from './cursor';

/** Those whose name or address has the text in it, the newest first, fifty at most; without a text, who may more than submit. */
export async function findAccounts(db: Db, search: string) {
  const like = `%${escapeLike(search)}%`;
  return db
    .select({
      ...{ id: users.id, name: users.name, email: users.email, role: users.role, createdAt: users.createdAt },
      models: db.$count(models, eq(models.ownerId, users.id)),
    })
    .from(users)
    .where(
      and(isNull(users.deletedAt), search === '' ? ne(users.role, 'submitter') : or(ilike(users.name, like), ilike(users.email, like))),
    )
    .orderBy(desc(users.createdAt), users.id)
    .limit(50);
}

/** Gives a role. The last admin stays one: else nobody could ever make another. */
export async function setRole(db: Db, accountId: string, role: Role): Promise<'done' | 'no-account' | 'last-admin'> {
  return db.transaction(async (tx) => {
    // One at a time: two admins who take each other's role leave one.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('roles', 0))`);
    if (role !== 'admin') {
      const [other] = await tx
        .select({ id: users.id })
        .from(users)
        .where(and(eq(users.role, 'admin'), ne(users.id, accountId)))
        .limit(1);
      const [self] = await tx.select({ role: users.role }).from(users).where(eq(users.id, accountId));
      if (self?.role === 'admin' && !other) return 'last-admin';
    }
    const changed = await tx
      .update(users)
      .set({ role, updatedAt: sql`now()` })
      .where(and(eq(users.id, accountId), isNull(users.deletedAt)))
      .returning({ id: users.id });
    return changed.length > 0 ? 'done' : 'no-account';
  });
}
