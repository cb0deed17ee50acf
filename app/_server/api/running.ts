/** What runners ask while they work: leases, files, progress, failure. docs/runners.md describes it for people. */
import { createRoute, z } from '@hono/zod-openapi';
import { and, eq } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { endCheck, renewCheck } from '@/db/queries/runner-checks';
import { witnessFileById } from '@/db/queries/witnesses';
import type { Job } from '@/db/queue/boss';
import { fail, heldJob, holderOf, isHolding, lease, release, renew } from '@/db/queue/leases';
import { appendLog } from '@/db/queue/logs';
import { upkeep } from '@/db/queue/upkeep';
import { files, type Runner } from '@/db/schema';
import { stores } from '../database';
import { writeFailed } from '../letters';
import { anyAskedFor, jobSchema } from './asked-for';
import { checkOfOwner, checksOf, leaseCheck } from './checking';
import type { Api } from './frame';
import { takerOf } from './judging';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { leaseLost, ownerOf, runnerOf } from './runner-callers';
import { sha256Schema } from './shapes';

/** How long a runner may be silent. It speaks every few seconds. */
const LEASE_SECONDS = 90;
/** When to ask again where nothing waits. */
const IDLE_SECONDS = 15;
const MAX_LOG = 8000;

const id = z.object({ id: z.uuid() });
const okay = (description: string) => json(z.object({ ok: z.literal(true) }), description);

const ofRunner = { runner: z.uuid() };
let upkeepAt = 0;

/** At most once an hour by this process, when a runner asks and nothing waits: a site needs no clock outside. */
async function upkeepNowAndThen(db: Db): Promise<void> {
  if (Date.now() - upkeepAt < 3_600_000) return;
  upkeepAt = Date.now();
  await upkeep(db);
}

export function addRunning(api: Api): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/runners/{id}/lease',
      summary: 'Lease the next job; while one is held, the same again',
      description:
        'A runner that is not approved, or whose numbers have drifted, is given the pinned reference models alone; the others measure them once a day.',
      request: { params: id },
      responses: {
        200: json(z.union([z.object({ job: jobSchema }), z.object({ job: z.null(), retryAfterSeconds: z.number() })]), 'a job, or none'),
        ...refusals,
      },
    }),
    async (c) => {
      const { db, runner } = await runnerOf(c, c.req.valid('param').id);
      const underWay = await leaseCheck(db, runner, LEASE_SECONDS);
      if (underWay) return c.json({ job: underWay }, 200);
      const { due, first, mayWork } = await checksOf(db, runner);
      const holds = await isHolding(db, runner.id);
      const check = async () => (due && !holds ? leaseCheck(db, runner, LEASE_SECONDS, due) : undefined);
      const job = (first ? await check() : undefined) ?? (mayWork || holds ? await leaseJob(db, runner) : undefined) ?? (await check());
      if (job) return c.json({ job }, 200);
      await upkeepNowAndThen(db);
      return c.json({ job: null, retryAfterSeconds: IDLE_SECONDS }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/jobs/{id}/files/{sha256}',
      summary: 'A file of the model of a leased job, or the witnesses that it is to judge',
      request: { params: id.extend({ sha256: sha256Schema }) },
      responses: {
        200: { description: 'its bytes', content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } } },
        ...refusals,
      },
    }),
    async (c) => {
      const { id: jobId, sha256 } = c.req.valid('param');
      const owner = ownerOf(c);
      const { db, blobs } = await stores();
      const job = await jobOfOwner(db, jobId, owner);
      const versionId = job?.versionId ?? (await checkOfOwner(db, jobId, owner))?.versionId;
      if (!versionId) throw leaseLost();
      const [file] = await db
        .select({ path: files.path })
        .from(files)
        .where(and(eq(files.versionId, versionId), eq(files.sha256, sha256)));
      const witnesses = job?.kind === 'witness' && (await witnessFileById(db, job.fileId))?.sha256 === sha256;
      if (!file && !witnesses) throw new Problem('not-found', `the job has no file ${sha256}`);
      const bytes = await blobs.get(sha256);
      if (!bytes) throw new Problem('store-unavailable', `${file?.path ?? 'the witness file'} could not be read just now; try again`);
      return new Response(bytes, { headers: { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'private, no-store' } });
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/progress',
      summary: 'A sign of life: the lease begins anew',
      request: {
        params: id,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.strictObject({
                ...ofRunner,
                done: z.number().nonnegative(),
                total: z.number().nonnegative(),
                stage: z.string().max(200),
                log: z.string().max(MAX_LOG).optional(),
              }),
            },
          },
        },
      },
      responses: { 200: json(z.object({ cancelled: z.boolean() }), 'whether the job was cancelled'), ...refusals },
    }),
    async (c) => {
      const { runner: runnerId, log, done, total, stage } = c.req.valid('json');
      const { id: jobId } = c.req.valid('param');
      const { db } = await runnerOf(c, runnerId);
      const renewed = await renew(db, jobId, runnerId, { done: Math.round(done), total: Math.round(total), stage });
      if (renewed === 'lost') {
        if (!(await renewCheck(db, jobId, runnerId, LEASE_SECONDS))) throw leaseLost();
        return c.json({ cancelled: false }, 200);
      }
      if (log) await appendLog(db, jobId, log);
      return c.json(renewed, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/failure',
      summary: 'The job failed here, and why',
      request: {
        params: id,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.strictObject({ ...ofRunner, code: z.string().regex(/^[a-z-]{1,40}$/), message: z.string().max(MAX_LOG) }),
            },
          },
        },
      },
      responses: { 200: json(z.object({ state: z.enum(['queued', 'failed']), attempt: z.number() }), 'what becomes of it'), ...refusals },
    }),
    async (c) => {
      const { runner: runnerId, code, message } = c.req.valid('json');
      const { id: jobId } = c.req.valid('param');
      const { db } = await runnerOf(c, runnerId);
      const failure = { code, message, final: code === 'model-refused' };
      const job = await heldJob(db, jobId, runnerId);
      const failed = await db.transaction((tx) => fail(tx as unknown as Db, jobId, runnerId, failure));
      if (failed !== 'lost' && failed.state === 'failed' && job?.kind === 'verification')
        writeFailed(db, job.versionId, job.board, message);
      if (failed !== 'lost') return c.json(failed, 200);
      if (!(await endCheck(db, jobId, runnerId, { outcome: 'failed', message }))) throw leaseLost();
      return c.json({ state: 'failed' as const, attempt: 1 }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/release',
      summary: 'Hand the job back; it costs no attempt',
      request: { params: id, body: { required: true, content: { 'application/json': { schema: z.strictObject(ofRunner) } } } },
      responses: { 200: okay('it waits again'), ...refusals },
    }),
    async (c) => {
      const { runner: runnerId } = c.req.valid('json');
      const { db } = await runnerOf(c, runnerId);
      const { id: jobId } = c.req.valid('param');
      if ((await release(db, jobId, runnerId)) === 'lost' && !(await endCheck(db, jobId, runnerId, { outcome: 'released' })))
        throw leaseLost();
      return c.json({ ok: true as const }, 200);
    },
  );
}

/** The next job of the queue for a runner, or the one that it holds. Undefined where nothing waits for it. */
async function leaseJob(db: Db, runner: Runner) {
  for (;;) {
    const leased = await lease(db, runner.id, LEASE_SECONDS, takerOf(runner));
    if (!leased) return undefined;
    const { jobId, job, attempt, seconds } = leased;
    const asked = await anyAskedFor(db, job);
    if (asked) return { id: jobId, attempt, leaseSeconds: seconds, ...asked };
    const gone = {
      code: 'model-refused',
      message: 'what it asks for is not there any more: the version, its board, or the claim',
      final: true,
    };
    await db.transaction((tx) => fail(tx as unknown as Db, jobId, runner.id, gone));
  }
}

/** The job, where any runner of the caller holds it. */
async function jobOfOwner(db: Db, jobId: string, { ownerId, local }: ReturnType<typeof ownerOf>): Promise<Job | undefined> {
  const held = await holderOf(db, jobId);
  return held && held.ownerId === ownerId && held.local === local ? held.job : undefined;
}
