'use server';

import { redeemAdminToken } from '@/db/queries/admin-links';
import { database } from '../../_server/database';
import { visitor } from '../../_server/visitor';

export type ClaimOutcome = 'none' | 'claimed' | 'signed-out' | 'stale' | 'unavailable';

/** Uses the link up. Only by the form: a link preview that reads the page changes nothing. */
export async function claim(_: ClaimOutcome, form: FormData): Promise<ClaimOutcome> {
  const token = form.get('token');
  const account = await visitor();
  if (!account) return 'signed-out';
  if (typeof token !== 'string' || token.length > 100) return 'stale';
  try {
    return (await redeemAdminToken(await database(), token, account.accountId)) ? 'claimed' : 'stale';
  } catch (error) {
    console.error(error);
    return 'unavailable';
  }
}
