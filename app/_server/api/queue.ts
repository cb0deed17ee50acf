/** What waits, what runs, who measures: open to everybody. Cancelling is for admins, measuring again for the submitter, too. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Db } from '@/db/client';
import { jobPage, type QueueRow, queuePage } from '@/db/queries/queue-page';
import { runnersPage } from '@/db/queries/runners-page';
import { isJudged } from '@/db/queries/witnesses';
import { JOB_KINDS } from '@/db/queue/boss';
import { cancel, retry } from '@/db/queue/jobs';
import { JOB_STATES } from '@/db/queue/list';
import { readLog } from '@/db/queue/logs';
import { LEASE_OUTCOMES } from '@/db/schema';
import { stores } from '../database';
import { type Api, signedIn, type Variables, within } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { boardIdSchema, time } from './shapes';

/** How often a submitter may have own models measured again. */
const RETRIES = { most: 5, windowSeconds: 24 * 3600 };

const id = z.object({ id: z.uuid() });

const failureSchema = z.object({ code: z.string(), message: z.string() });

export const queueRowSchema = z
  .object({
    id: z.uuid(),
    model: z.object({ slug: z.string(), name: z.string(), version: z.number().int() }),
    board: boardIdSchema,
    protocol: z.string(),
    kind: z.enum(JOB_KINDS),
    reason: z.string().openapi({ description: 'why it is measured' }),
    state: z.enum(JOB_STATES),
    place: z.number().int().nullable().openapi({ description: '1 is next; null unless it waits' }),
    ahead: z.number().int().nullable().openapi({ description: 'jobs that run, or wait before it; null unless it waits' }),
    expected: z
      .object({ lowSeconds: z.number(), highSeconds: z.number() })
      .nullable()
      .openapi({ description: 'until it will have been measured, from recent jobs; null where nothing can be said' }),
    attempts: z.number().int().openapi({ description: 'so far, the one that runs included; three at most' }),
    runner: z.string().nullable(),
    progress: z.object({ done: z.number(), total: z.number(), stage: z.string() }).nullable(),
    failure: failureSchema.nullable(),
    enqueuedAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .openapi('QueueRow');

const jobPageSchema = queueRowSchema
  .extend({
    leases: z
      .array(
        z.object({
          attempt: z.number().int(),
          runner: z.string().nullable(),
          leasedAt: time,
          endedAt: time.nullable(),
          outcome: z.enum(LEASE_OUTCOMES).nullable().openapi({ description: 'null while it is held' }),
          failure: failureSchema.nullable(),
        }),
      )
      .openapi({ description: 'each time that it was handed out' }),
  })
  .openapi('QueuedJob');

export const runnerSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    owner: z.string().nullable().openapi({ description: 'null where it is this installation’s own, or the account was deleted' }),
    local: z.boolean(),
    publicKey: z.string().openapi({ description: 'base64 of the 32 bytes of its Ed25519 key' }),
    backend: z.enum(['webgpu', 'wasm', 'cpu']),
    device: z.string(),
    architecture: z.string().nullable(),
    engine: z.string(),
    versions: z.record(z.string(), z.string()),
    runs: z.number().int().openapi({ description: 'of its runs, those that were not revoked' }),
    checks: z
      .array(
        z.object({
          model: z.string(),
          board: boardIdSchema,
          outcome: z.enum(['held', 'drifted', 'failed']),
          at: time,
          outcomes: z.number().int().nullable().openapi({ description: 'outcomes under attack that were compared' }),
          flips: z.number().int().nullable().openapi({ description: 'those that differ' }),
          cleanCollapse: z.number().nullable().openapi({ description: 'largest relative difference of a collapse value on clean data' }),
          otherCollapse: z.number().nullable().openapi({ description: 'the same on attacked and noisy data' }),
          beyond: z.array(z.string()).openapi({ description: 'what is beyond its band' }),
          message: z.string().nullable().openapi({ description: 'why it failed' }),
        }),
      )
      .openapi({ description: 'the newest of each pinned reference model' }),
    approvedAt: time.nullable(),
    revokedAt: time.nullable(),
    revokedReason: z.string().nullable(),
    createdAt: time,
    lastSeenAt: time,
  })
  .openapi('Runner');

const agreementSchema = z
  .object({
    architecture: z.string().openapi({ description: 'of the GPU; the backend where there is none' }),
    checks: z.number().int(),
    held: z.number().int(),
    outcomes: z.number(),
    flips: z.number(),
    cleanCollapse: z.number().nullable(),
    otherCollapse: z.number().nullable(),
  })
  .openapi('Agreement');

const iso = (at: Date | null) => at?.toISOString() ?? null;

function shown(row: QueueRow): z.infer<typeof queueRowSchema> {
  const { jobId, slug, name, version, board, protocol, kind, reason, state, place, ahead, expected, attempts } = row;
  return {
    id: jobId,
    model: { slug, name, version },
    ...{ board, protocol, kind, reason, state, place, ahead, attempts },
    expected: expected ?? null,
    ...{ runner: row.runner, progress: row.progress, failure: row.failure },
    enqueuedAt: row.enqueuedAt.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
  };
}

async function jobIn(jobId: string): Promise<{ db: Db; job: NonNullable<Awaited<ReturnType<typeof jobPage>>> }> {
  const { db } = await stores();
  const job = await jobPage(db, jobId);
  if (!job) throw new Problem('not-found', `there is no job ${jobId} of a public model`);
  return { db, job };
}

/** Only its submitter and admins: `what` they may do, and others not. */
function ownerOrAdmin(c: Context<{ Variables: Variables }>, ownerId: string | null, what: string) {
  const { accountId, role } = signedIn(c);
  if (accountId !== ownerId && role !== 'admin') throw new Problem('not-yours', `only the submitter of the model and admins ${what}`);
  return { accountId, admin: role === 'admin' };
}

export function addQueue(api: Api): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/queue',
      summary: 'What is measured now, what waits, and what failed within a week',
      description: 'All jobs that run, the first hundred that wait, the last hundred that failed.',
      responses: {
        200: json(z.object({ queued: z.number().int(), active: z.number().int(), jobs: z.array(queueRowSchema) }), 'the queue'),
        ...refusals,
      },
    }),
    async (c) => {
      const { db } = await stores();
      const { queued, active, rows } = await queuePage(db);
      return c.json({ queued, active, jobs: rows.map(shown) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/runners',
      summary: 'Who measures, on which hardware',
      description: 'With the newest check of each on the pinned reference models, and the last 90 days of them by GPU architecture.',
      responses: {
        200: json(z.object({ runners: z.array(runnerSchema), agreement: z.array(agreementSchema) }), 'the last seen first'),
        ...refusals,
      },
    }),
    async (c) => {
      const { db } = await stores();
      const { runners, agreement } = await runnersPage(db);
      const listed = runners.map(({ drifted: _, ...r }) => ({
        ...r,
        checks: r.checks.map(({ model, board, outcome, endedAt, details, message }) => ({
          ...{ model, board, outcome: outcome as 'held', at: (endedAt as Date).toISOString(), message },
          ...{ outcomes: details?.outcomes ?? null, flips: details?.flips ?? null, beyond: details?.beyond ?? [] },
          ...{ cleanCollapse: details?.cleanCollapse ?? null, otherCollapse: details?.otherCollapse ?? null },
        })),
        approvedAt: iso(r.approvedAt),
        revokedAt: iso(r.revokedAt),
        createdAt: r.createdAt.toISOString(),
        lastSeenAt: r.lastSeenAt.toISOString(),
      }));
      return c.json({ runners: listed, agreement }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/jobs/{id}',
      summary: 'One job, and each time that it was handed out',
      request: { params: id },
      responses: { 200: json(jobPageSchema, 'the job'), ...refusals },
    }),
    async (c) => {
      const { job } = await jobIn(c.req.valid('param').id);
      const leases = job.leases.map(({ code, message, leasedAt, endedAt, ...lease }) => ({
        ...lease,
        leasedAt: leasedAt.toISOString(),
        endedAt: iso(endedAt),
        failure: code === null ? null : { code, message: message ?? '' },
      }));
      return c.json({ ...shown(job), leases }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/jobs/{id}/log',
      summary: 'What its runners wrote; for the submitter and admins',
      request: { params: id, query: z.strictObject({ after: z.coerce.number().int().min(0).default(0) }) },
      responses: {
        200: json(
          z.object({
            chunks: z.array(z.object({ id: z.number().int(), text: z.string(), at: time })),
            next: z.number().int().nullable().openapi({ description: '`after` of the following chunks; null where these are the last' }),
          }),
          'a hundred chunks at most',
        ),
        ...refusals,
      },
    }),
    async (c) => {
      const { db, job } = await jobIn(c.req.valid('param').id);
      ownerOrAdmin(c, job.ownerId, 'read what its runners wrote');
      const chunks = await readLog(db, job.jobId, c.req.valid('query').after);
      const next = chunks.length === 100 ? chunks[99].id : null;
      return c.json({ chunks: chunks.map((chunk) => ({ ...chunk, at: chunk.at.toISOString() })), next }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/cancel',
      summary: 'Take a job out of the queue, waiting or running; for admins',
      request: { params: id },
      responses: { 200: json(z.object({ cancelled: z.boolean() }), 'false: it had ended before'), ...refusals },
    }),
    async (c) => {
      if (signedIn(c).role !== 'admin') throw new Problem('not-an-admin', 'only admins cancel jobs');
      const { db, job } = await jobIn(c.req.valid('param').id);
      return c.json({ cancelled: await cancel(db, job.jobId) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/retry',
      summary: 'Measure once more what has ended; for the submitter and admins',
      description: `A new job with three attempts of its own. A submitter may ask ${RETRIES.most} times a day.`,
      request: { params: id },
      responses: {
        201: json(z.object({ jobId: z.uuid(), added: z.boolean() }), '`added` is false where a job like it waits or runs already'),
        ...refusals,
      },
    }),
    async (c) => {
      const { db, job } = await jobIn(c.req.valid('param').id);
      const { accountId, admin } = ownerOrAdmin(c, job.ownerId, 'have it measured again');
      if (!admin) await within({ key: `retry:${accountId}`, ...RETRIES });
      if (job.kind === 'witness' && (await isJudged(db, job.fileId))) throw new Problem('not-ready', 'the witnesses have been judged');
      const again = await retry(db, job.jobId);
      if (!again) throw new Problem('not-ready', 'the job waits or runs; it can be asked for again when it has ended');
      return c.json(again, 201);
    },
  );
}
