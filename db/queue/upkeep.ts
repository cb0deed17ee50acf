import type { Db } from '../client';
import { expire } from './leases';
import { dropOldLogs } from './logs';

/** What is due now and then, from a cron route: leases that ran out are taken back, and old logs dropped. */
export async function upkeep(db: Db): Promise<{ expired: number }> {
  const expired = await expire(db);
  await dropOldLogs(db);
  return { expired };
}
