/** Who asks on behalf of a runner, and whether they may. */
import type { Context } from 'hono';
import type { Db } from '@/db/client';
import { workingRunner } from '@/db/queries/runners';
import type { Runner } from '@/db/schema';
import { stores } from '../database';
import { isLocalRunner } from '../runner-principal';
import { signedIn, type Variables } from './frame';
import { Problem } from './problem';

export type C = Context<{ Variables: Variables }>;

/** Whose runners the caller may run: an account's with the role, or this installation's own. */
export function ownerOf(c: C): { ownerId: string | null; local: boolean } {
  if (isLocalRunner(c.req.raw.headers)) return { ownerId: null, local: true };
  const { accountId, role } = signedIn(c);
  if (role !== 'runner' && role !== 'admin')
    throw new Problem('not-a-runner', 'this account may not run a runner; an admin can give it the role');
  return { ownerId: accountId, local: false };
}

export async function runnerOf(c: C, runnerId: string): Promise<{ db: Db; runner: Runner }> {
  const owner = ownerOf(c);
  const { db } = await stores();
  const runner = await workingRunner(db, runnerId, owner);
  if (!runner) throw new Problem('not-a-runner', `there is no runner ${runnerId} of yours, or its key was revoked`);
  return { db, runner };
}

export const leaseLost = () => new Problem('lease-lost', 'the job is not held by this runner any more; another one may have it');
