/** Runners make themselves known; admins let their runs count, or revoke their keys. */
import { createRoute, z } from '@hono/zod-openapi';
import { approveRunner, MOST_RUNNERS, registerRunner, revokeRunner } from '@/db/queries/runners';
import { stores } from '../database';
import { type Api, signedIn } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { type C, ownerOf } from './runner-callers';
import { line } from './shapes';

const id = z.object({ id: z.uuid() });
const okay = (description: string) => json(z.object({ ok: z.literal(true) }), description);

const registrationSchema = z.strictObject({
  name: line(80),
  publicKey: z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, 'expected the 32 raw bytes of an Ed25519 key'),
  backend: z.enum(['webgpu', 'wasm', 'cpu']),
  device: line(500),
  architecture: line(100).nullable(),
  engine: line(500),
  versions: z.record(line(50), line(100)).refine((named) => Object.keys(named).length <= 20, 'at most 20 of them'),
});

function adminOf(c: C): string {
  const { accountId, role } = signedIn(c);
  if (role !== 'admin') throw new Problem('not-an-admin', 'only admins decide about runners');
  return accountId;
}

const noRunner = (runnerId: string) => new Problem('not-found', `there is no runner ${runnerId}, or its key was revoked`);

export function addRegistering(api: Api): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/runners',
      summary: 'Register a runner by its key',
      request: { body: { required: true, content: { 'application/json': { schema: registrationSchema } } } },
      responses: { 201: json(z.object({ id: z.uuid(), approved: z.boolean() }), 'the runner'), ...refusals },
    }),
    async (c) => {
      const owner = ownerOf(c);
      const { db } = await stores();
      const runner = await registerRunner(db, { ...owner, ...c.req.valid('json') });
      if (runner === 'taken') throw new Problem('not-a-runner', 'publicKey: the key is another account’s, or was revoked; make a new one');
      if (runner === 'too-many')
        throw new Problem('too-many-runners', `this account has ${MOST_RUNNERS} runners; ask an admin to revoke those that are gone`);
      return c.json({ id: runner.id, approved: runner.local || runner.approvedAt !== null }, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/runners/{id}/approve',
      summary: 'Let its runs verify; for admins',
      request: { params: id },
      responses: { 200: okay('its runs count, those before, too'), ...refusals },
    }),
    async (c) => {
      const { id: runnerId } = c.req.valid('param');
      const adminId = adminOf(c);
      const { db } = await stores();
      if (!(await approveRunner(db, runnerId, adminId))) throw noRunner(runnerId);
      return c.json({ ok: true as const }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/runners/{id}/revoke',
      summary: 'Revoke its key and all of its runs, with a public reason; for admins',
      request: {
        params: id,
        body: { required: true, content: { 'application/json': { schema: z.strictObject({ reason: line(500) }) } } },
      },
      responses: { 200: okay('it counts for nothing'), ...refusals },
    }),
    async (c) => {
      const { id: runnerId } = c.req.valid('param');
      adminOf(c);
      const { db } = await stores();
      if (!(await revokeRunner(db, runnerId, c.req.valid('json').reason))) throw noRunner(runnerId);
      return c.json({ ok: true as const }, 200);
    },
  );
}
