/** The first admin: a link that works once, shown to whoever starts the site. */
import { createHash, randomBytes } from 'node:crypto';
import { and, count, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { adminLinks, users } from '../schema';

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

/** A token for /admin/claim; undefined if there is an admin already. Earlier links stop working: only the newest was shown. */
export async function firstAdminToken(db: Db): Promise<string | undefined> {
  const [{ admins }] = await db.select({ admins: count() }).from(users).where(eq(users.role, 'admin'));
  if (admins > 0) return undefined;
  const token = randomBytes(24).toString('base64url');
  await db.delete(adminLinks).where(isNull(adminLinks.usedAt));
  await db.insert(adminLinks).values({ tokenSha256: hashOf(token), expiresAt: sql`now() + interval '7 days'` });
  return token;
}

/** Makes the account an admin; false if the link was used, has expired or never was. */
export async function redeemAdminToken(db: Db, token: string, accountId: string): Promise<boolean> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const [link] = await tx
      .update(adminLinks)
      .set({ usedAt: sql`now()`, usedBy: accountId })
      .where(and(eq(adminLinks.tokenSha256, hashOf(token)), isNull(adminLinks.usedAt), gt(adminLinks.expiresAt, sql`now()`)))
      .returning();
    if (!link) return false;
    await tx.update(users).set({ role: 'admin' }).where(eq(users.id, accountId));
    return true;
  });
}
