/** Who a request comes from: a session's cookie or an API token. */
import 'server-only';
import { eq, sql } from 'drizzle-orm';
import { type Role, users } from '@/db/schema';
import { auth } from './auth';
import { database } from './database';
import { isLocalRunner } from './runner-principal';

export interface Principal {
  accountId: string;
  name: string;
  role: Role;
  by: 'session' | 'token';
}

/** Null for a visitor; `bad-token` where a token was sent that is not one of ours, has expired or was taken back. */
export async function principalOf(headers: Headers): Promise<Principal | null | 'bad-token'> {
  // The installation's own runner is nobody's account: it may run (running.ts), and is a visitor everywhere else.
  if (isLocalRunner(headers)) return null;
  const token = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const { api } = await auth();
  if (token === undefined) {
    // Most visitors have no cookie; they cost no query.
    if (!headers.get('cookie')?.includes('session_token')) return null;
    const session = await api.getSession({ headers });
    return session && { accountId: session.user.id, name: session.user.name, role: session.user.role as Role, by: 'session' };
  }
  const { valid, key } = await api.verifyApiKey({ body: { key: token } });
  const db = await database();
  if (!valid || !key) {
    // better-auth says the same of a database that did not answer; this throws then, and the token is not blamed.
    await db.execute(sql`select 1`);
    return 'bad-token';
  }
  const [user] = await db.select({ name: users.name, role: users.role }).from(users).where(eq(users.id, key.referenceId));
  return user ? { accountId: key.referenceId, ...user, by: 'token' } : 'bad-token';
}
