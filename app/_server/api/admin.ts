/** What admins decide about accounts. About runners and jobs: running.ts and queue.ts. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { findAccounts, setRole } from '@/db/queries/accounts';
import { ROLES } from '@/db/schema';
import { stores } from '../database';
import { resetLink } from '../reset-link';
import { type Api, signedIn, type Variables } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { time } from './shapes';

const accountSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: z.enum(ROLES),
    models: z.number().int(),
    createdAt: time,
  })
  .openapi('Account');

function adminOnly(c: Context<{ Variables: Variables }>): void {
  if (signedIn(c).role !== 'admin') throw new Problem('not-an-admin', 'only admins see and change accounts');
}

export function addAdmin(api: Api): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/accounts',
      summary: 'Accounts by a part of their name or address; for admins',
      request: {
        query: z.strictObject({
          search: z.string().trim().max(100).default('').openapi({ description: 'empty: who may more than submit' }),
        }),
      },
      responses: { 200: json(z.object({ accounts: z.array(accountSchema) }), 'fifty at most, the newest first'), ...refusals },
    }),
    async (c) => {
      adminOnly(c);
      const { db } = await stores();
      const found = await findAccounts(db, c.req.valid('query').search);
      return c.json({ accounts: found.map((a) => ({ ...a, createdAt: a.createdAt.toISOString() })) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/accounts/{id}/role',
      summary: 'Give an account a role; for admins',
      description: 'Submitters submit; runners may run runners, too, which verify once an admin approves them; admins look after the site.',
      request: {
        params: z.object({ id: z.string().max(100) }),
        body: { required: true, content: { 'application/json': { schema: z.strictObject({ role: z.enum(ROLES) }) } } },
      },
      responses: { 200: json(z.object({ ok: z.literal(true) }), 'from its next request on'), ...refusals },
    }),
    async (c) => {
      adminOnly(c);
      const { db } = await stores();
      const { id } = c.req.valid('param');
      const outcome = await setRole(db, id, c.req.valid('json').role);
      if (outcome === 'no-account') throw new Problem('not-found', `there is no account ${id}`);
      if (outcome === 'last-admin') throw new Problem('not-ready', 'the last admin stays one; make another account an admin first');
      return c.json({ ok: true as const }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/accounts/{id}/reset-link',
      summary: 'A link by which an account sets a new password, once, within 24 hours; for admins of a site that sends no mail',
      request: { params: z.object({ id: z.string().max(100) }) },
      responses: { 201: json(z.object({ link: z.string() }), 'to be handed on; it is told this one time'), ...refusals },
    }),
    async (c) => {
      adminOnly(c);
      const { id } = c.req.valid('param');
      const outcome = await resetLink(id);
      if (outcome === 'no-account') throw new Problem('not-found', `there is no account ${id}`);
      if (outcome === 'by-mail') throw new Problem('not-ready', 'this site sends mail: whoever forgot a password asks for a letter');
      return c.json(outcome, 201);
    },
  );
}
