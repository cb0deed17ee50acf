/** Whose runner a request comes from: an account's with the role, or this installation's own. */
import 'server-only';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { secret } from './environment';

/** What `npm start` hands to the runner that it starts; whoever has the site's secret can make it, nobody else. */
export const localRunnerToken = (siteSecret: string) =>
  `local_${createHmac('sha256', siteSecret).update('the local runner of this installation').digest('hex')}`;

export function isLocalRunner(headers: Headers): boolean {
  const token = /^Bearer (local_[0-9a-f]{64})$/.exec(headers.get('authorization') ?? '')?.[1];
  return token !== undefined && timingSafeEqual(Buffer.from(token), Buffer.from(localRunnerToken(secret())));
}
