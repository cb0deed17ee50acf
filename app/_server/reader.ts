/** Who is reading a page: the signed-in account, or nobody. */
import 'server-only';
import type { Reader } from '@/db/queries/models';
import { principalOf } from './principal';

export async function reader(headers: Headers): Promise<Reader> {
  const principal = await principalOf(headers);
  return principal === 'bad-token' ? null : principal;
}
