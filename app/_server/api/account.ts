/** What an account asks about itself. */
import { createRoute, z } from '@hono/zod-openapi';
import { unreadOf } from '@/db/queries/notices';
import { stores } from '../database';
import type { Api } from './frame';
import { json, refusals } from './reading';

export function addAccount(api: Api): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/account/notices/unread',
      summary: 'How many notices came since the account last saw its page; 0 for a visitor',
      responses: { 200: json(z.object({ unread: z.number().int() }), 'the number'), ...refusals },
    }),
    async (c) => {
      const principal = c.get('principal');
      return c.json({ unread: principal ? await unreadOf((await stores()).db, principal.accountId) : 0 }, 200);
    },
  );
}
