/** Whose runner a request comes from: an account's with the role, or this installation's own. */
import 'server-only';
import { timingSafeEqual } from 'node:crypto';
import { localRunnerToken } from '@/scripts/local-runner.mjs';
import { secret } from './environment';

export function isLocalRunner(headers: Headers): boolean {
  const token = /^Bearer (local_[0-9a-f]{64})$/.exec(headers.get('authorization') ?? '')?.[1];
  return token !== undefined && timingSafeEqual(Buffer.from(token), Buffer.from(localRunnerToken(secret())));
}
