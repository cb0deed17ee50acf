/** What an account asks about itself: its notices, all that is stored about it, and its deletion. */
import { createRoute, z } from '@hono/zod-openapi';
import { and, eq, isNotNull } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { deleteAccount } from '@/db/queries/account-deletion';
import { exportOf } from '@/db/queries/account-export';
import { removeLooseBlobs } from '@/db/queries/loose-blobs';
import { unreadOf } from '@/db/queries/notices';
import { accounts, users } from '@/db/schema';
import { auth } from '../auth';
import { stores } from '../database';
import { type Api, signedIn, within } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';

/** Whoever has a session or a token only is not yet the one who knows the password. */
const TRIES = (account: string) => ({ key: `delete-account:${account}`, most: 10, windowSeconds: 3600 });

async function mustBeOwner(db: Db, accountId: string, { password, name }: { password?: string | undefined; name?: string | undefined }) {
  const [way] = await db
    .select({ hash: accounts.password })
    .from(accounts)
    .where(and(eq(accounts.userId, accountId), eq(accounts.providerId, 'credential'), isNotNull(accounts.password)));
  if (way?.hash) {
    const { password: passwords } = await (await auth()).$context;
    if (password === undefined || !(await passwords.verify({ hash: way.hash, password })))
      throw new Problem('bad-request', 'password: it is not the password of this account');
    return;
  }
  const [self] = await db.select({ name: users.name }).from(users).where(eq(users.id, accountId));
  if (name === undefined || name.trim() !== self?.name)
    throw new Problem('bad-request', 'name: expected the name of the account as it stands');
}

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

  api.openapi(
    createRoute({
      method: 'get',
      path: '/account/export',
      summary: 'All that is stored about the account that asks, as JSON',
      responses: { 200: json(z.record(z.string(), z.unknown()), 'without passwords and secrets of tokens'), ...refusals },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      c.header('Content-Disposition', 'attachment; filename="simplexity-account.json"');
      return c.json(JSON.parse(JSON.stringify(await exportOf((await stores()).db, accountId))), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/account/delete',
      summary: 'Delete the account that asks, for good',
      description:
        'Sessions, tokens and drafts are removed, name and address too. Published models, runs and hashes stay, of “deleted user”; with `removeWeights` the files of its models are removed. The last admin can’t be deleted.',
      request: {
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.strictObject({
                password: z.string().max(128).optional().openapi({ description: 'of the account, where it has one' }),
                name: z.string().max(200).optional().openapi({ description: 'of the account, where it has no password' }),
                removeWeights: z.boolean().default(false),
              }),
            },
          },
        },
      },
      responses: { 200: json(z.object({ ok: z.literal(true) }), 'it is gone'), ...refusals },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      const { removeWeights, ...proof } = c.req.valid('json');
      const { db, blobs } = await stores();
      await within(TRIES(accountId));
      await mustBeOwner(db, accountId, proof);
      const outcome = await deleteAccount(db, accountId, { removeWeights });
      if (outcome === 'last-admin') throw new Problem('not-ready', 'the last admin stays; make another account an admin first');
      if (outcome === 'no-account') throw new Problem('not-found', 'the account is gone already');
      // The account is gone whatever the store says; what stays marked is removed later.
      await removeLooseBlobs(db, blobs).catch(() => undefined);
      return c.json({ ok: true as const }, 200);
    },
  );
}
