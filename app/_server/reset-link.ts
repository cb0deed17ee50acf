/** Where no mail is sent, an admin hands on a link by which a password is set anew. */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { and, eq, isNull } from 'drizzle-orm';
import { users } from '@/db/schema';
import { RESET_HOURS, resetPath } from './account-letters';
import { auth } from './auth';
import { database } from './database';
import { siteUrl } from './environment';
import { mailIsSent } from './mail';

/** Only a hash of the token is kept, so the link is told once. Earlier links of the account go on working until they end. */
export async function resetLink(accountId: string): Promise<{ link: string } | 'no-account' | 'by-mail'> {
  if (mailIsSent()) return 'by-mail';
  const db = await database();
  const [account] = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, accountId), isNull(users.deletedAt)));
  if (!account) return 'no-account';
  const token = randomBytes(24).toString('base64url');
  const { internalAdapter } = await (await auth()).$context;
  const expiresAt = new Date(Date.now() + RESET_HOURS * 3_600_000);
  await internalAdapter.createVerificationValue({ identifier: `reset-password:${token}`, value: accountId, expiresAt });
  return { link: `${siteUrl()}${resetPath(token)}` };
}
