/** The signed-in visitor of a page, by the session's cookie; asked once for each request. */
import 'server-only';
import { headers } from 'next/headers';
import { cache } from 'react';
import type { Role } from '@/db/schema';
import { auth } from './auth';

export interface Visitor {
  accountId: string;
  name: string;
  email: string;
  /** Its owner opened the link in a letter to the address. */
  emailConfirmed: boolean;
  role: Role;
}

export const visitor = cache(async (): Promise<Visitor | null> => {
  const sent = await headers();
  if (!sent.get('cookie')?.includes('session_token')) return null;
  const { api } = await auth();
  const session = await api.getSession({ headers: sent });
  if (!session) return null;
  const { id, name, email, emailVerified, role } = session.user;
  return { accountId: id, name, email, emailConfirmed: emailVerified, role: role as Role };
});
