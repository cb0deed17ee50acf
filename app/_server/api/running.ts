/** What runners ask: registration, leases, progress, results. docs/runners.md describes it for people. */
import { createRoute, z } from '@hono/zod-openapi';
import { and, eq } from 'drizzle-orm';
import type { Context } from 'hono';
import type { Db } from '@/db/client';
import { askForAnother } from '@/db/queries/further-opinions';
import { filesOf } from '@/db/queries/models';
import { endCheck, renewCheck } from '@/db/queries/runner-checks';
import { approveRunner, registerRunner, revokeRunner, workingRunner } from '@/db/queries/runners';
import { addRunIn } from '@/db/queries/runs';
import { keptSpotResult } from '@/db/queries/spot-checks';
import { keptJudgement, witnessFileById } from '@/db/queries/witnesses';
import type { Job, VerificationJob } from '@/db/queue/boss';
import { complete, fail, heldJob, holderOf, isHolding, lease, release, renew } from '@/db/queue/leases';
import { appendLog } from '@/db/queue/logs';
import { upkeep } from '@/db/queue/upkeep';
import { files, type Runner, runners, runs, versions } from '@/db/schema';
import { LEVEL_ATTACKS, type Level } from '@/lib/attacks/catalogue';
import { DATASETS } from '@/lib/data/datasets';
import { verifyAttestation } from '@/lib/protocol/attestation';
import { BOARDS, PROTOCOL } from '@/lib/protocol/boards';
import { AUTOATTACK_SAMPLES } from '@/lib/protocol/counts';
import { FULL_TRAIN_SAMPLES } from '@/lib/protocol/preview';
import { verificationSeed } from '@/lib/protocol/verification-seed';
import { stores } from '../database';
import { secret } from '../environment';
import { isLocalRunner } from '../runner-principal';
import { servedSplit } from '../served-digests';
import { acceptableReport } from './acceptable-report';
import { checkById, checkOfOwner, checksOf, keepCheck, leaseCheck } from './checking';
import { type Api, signedIn, type Variables } from './frame';
import { judgementAskedFor, keepJudgement, takerOf } from './judging';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { line, sha256Schema } from './shapes';
import { keepSpot, spotAskedFor } from './spotting';

/** How long a runner may be silent. It speaks every few seconds. */
const LEASE_SECONDS = 90;
/** When to ask again where nothing waits. */
const IDLE_SECONDS = 15;
const MAX_LOG = 8000;

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

const anyJob = {
  id: z.uuid(),
  attempt: z.number().int(),
  leaseSeconds: z.number(),
  model: z.object({
    sha256: sha256Schema,
    files: z.array(z.object({ path: z.string(), sha256: sha256Schema, bytes: z.number().int() })),
  }),
  board: z.string(),
  protocol: z.string(),
};

const verificationSchema = z.object({
  ...anyJob,
  kind: z.literal('verification'),
  level: z.string(),
  attacks: z.array(z.string()),
  samples: z.number().int(),
  autoattackSamples: z.number().int().optional().openapi({ description: 'of level standard: the first of the samples, for AutoAttack' }),
  trainSamples: z.number().int(),
  seed: z.number().int(),
  restarts: z.number().int(),
  layers: z.boolean(),
});

const witnessSchema = z.object({
  ...anyJob,
  kind: z.literal('witness'),
  witnesses: z.object({ sha256: sha256Schema, bytes: z.number().int(), images: z.number().int() }),
});

const spotSchema = z.object({
  ...anyJob,
  kind: z.literal('spot'),
  claim: sha256Schema.openapi({ description: 'of the report of the claim' }),
  data: sha256Schema.openapi({ description: 'of the test split' }),
  attacks: z.array(z.string()),
  indices: z
    .array(z.number().int())
    .openapi({ description: 'samples that were drawn, ascending; nobody else is told before the check has ended' }),
  seed: z.number().int().openapi({ description: 'the claim’s own' }),
  restarts: z.number().int(),
});

const jobSchema = z.discriminatedUnion('kind', [verificationSchema, witnessSchema, spotSchema]).openapi('Job');

/** What became of a result: a run, the judgement of a witness file, or where a spot check stands (`state`). */
const resultSchema = z.object({
  runId: z.uuid().optional(),
  state: z.string().nullable().optional(),
  broken: z.number().int().optional(),
  first: z.number().int().optional(),
  ambiguous: z.number().int().optional(),
  held: z.number().int().optional(),
});

const ofRunner = { runner: z.uuid() };
type C = Context<{ Variables: Variables }>;

/** Whose runners the caller may run: an account's with the role, or this installation's own. */
function ownerOf(c: C): { ownerId: string | null; local: boolean } {
  if (isLocalRunner(c.req.raw.headers)) return { ownerId: null, local: true };
  const { accountId, role } = signedIn(c);
  if (role !== 'runner' && role !== 'admin')
    throw new Problem('not-a-runner', 'this account may not run a runner; an admin can give it the role');
  return { ownerId: accountId, local: false };
}

async function runnerOf(c: C, runnerId: string): Promise<{ db: Db; runner: Runner }> {
  const owner = ownerOf(c);
  const { db } = await stores();
  const runner = await workingRunner(db, runnerId, owner);
  if (!runner) throw new Problem('not-a-runner', `there is no runner ${runnerId} of yours, or its key was revoked`);
  return { db, runner };
}

function adminOf(c: C): string {
  const { accountId, role } = signedIn(c);
  if (role !== 'admin') throw new Problem('not-an-admin', 'only admins decide about runners');
  return accountId;
}

let upkeepAt = 0;

/** At most once an hour by this process, when a runner asks and nothing waits: a site needs no clock outside. */
async function upkeepNowAndThen(db: Db): Promise<void> {
  if (Date.now() - upkeepAt < 3_600_000) return;
  upkeepAt = Date.now();
  await upkeep(db);
}

const noRunner = (runnerId: string) => new Problem('not-found', `there is no runner ${runnerId}, or its key was revoked`);

const leaseLost = () => new Problem('lease-lost', 'the job is not held by this runner any more; another one may have it');

/** What a job asks for, with the seed that only the site knows; undefined where its version is gone. */
async function askedFor(db: Db, { versionId, board, level }: VerificationJob) {
  const [version] = await db.select({ sha256: versions.sha256 }).from(versions).where(eq(versions.id, versionId));
  const { dataset } = BOARDS.get(board) ?? {};
  if (!version || !dataset) return undefined;
  const [test, train] = await Promise.all([servedSplit(dataset, 'test'), servedSplit(dataset, 'train')]);
  const { records } = DATASETS[dataset];
  const samples = Math.min(records.test, test?.records ?? 0);
  return {
    model: { sha256: version.sha256, files: await filesOf(db, versionId) },
    kind: 'verification' as const,
    ...{ board, protocol: PROTOCOL, level, attacks: [...(LEVEL_ATTACKS[level as Level] ?? [])] as string[], restarts: 1, layers: false },
    samples,
    ...(level === 'standard' ? { autoattackSamples: Math.min(AUTOATTACK_SAMPLES, samples) } : {}),
    trainSamples: Math.min(FULL_TRAIN_SAMPLES, records.train, train?.records ?? 0),
    seed: await verificationSeed(secret(), board, version.sha256, PROTOCOL),
  };
}

/** The same for a job of any kind. */
function anyAskedFor(db: Db, job: Job) {
  if (job.kind === 'witness') return judgementAskedFor(db, job);
  return job.kind === 'spot' ? spotAskedFor(db, job) : askedFor(db, job);
}

export function addRunning(api: Api): void {
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
      if (!runner) throw new Problem('not-a-runner', 'publicKey: the key is another account’s, or was revoked; make a new one');
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
      path: '/jobs/{id}/result',
      summary: 'The signed report of a job, the signed verdict on its witnesses, or the signed result of a spot check',
      request: {
        params: id,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.unknown().openapi({
                description:
                  'a report (report/1), a verdict (witness-verdict/1) or the result of a spot check (spot-check/1); X-Signature is over its exact bytes',
              }),
            },
          },
        },
      },
      responses: { 201: json(resultSchema, 'the run, or the outcomes counted'), ...refusals },
    }),
    async (c) => {
      const { id: jobId } = c.req.valid('param');
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      const { db, runner } = await runnerOf(c, z.uuid().safeParse(c.req.header('x-runner')).data ?? 'X-Runner');
      const signature = c.req.header('x-signature') ?? '';
      if (!(await verifyAttestation(bytes, Buffer.from(signature, 'base64'), Buffer.from(runner.publicKey, 'base64'))))
        throw new Problem('wrong-signature', 'X-Signature: it does not hold for these bytes under the runner’s key');
      return c.json(await keepResult(db, jobId, runner, signature, new TextDecoder().decode(bytes)), 201);
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
      const failed = await db.transaction((tx) => fail(tx as unknown as Db, jobId, runnerId, failure));
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

/** The run and the end of its job, together or not at all. A result that the job did not ask for is none. */
async function keepResult(db: Db, jobId: string, runner: Runner, signature: string, text: string) {
  const check = await checkById(db, jobId, runner.id);
  if (check) {
    const outcome = await keepCheck(db, check, signature, text);
    if (!outcome) throw leaseLost();
    return { state: outcome };
  }
  const held = await heldJob(db, jobId, runner.id);
  if (!held) {
    const known = await keptResult(db, runner.id, signature);
    if (known) return known;
    throw leaseLost();
  }
  if (held.kind === 'witness') {
    const judged = await keepJudgement(db, jobId, held, runner, signature, text);
    if (judged === 'lost') throw leaseLost();
    return judged;
  }
  if (held.kind === 'spot') {
    const check = await keepSpot(db, jobId, held, runner, signature, text);
    if (check === 'lost') throw leaseLost();
    return { state: check.verdict ?? 'draw-more' };
  }
  const { report, version } = await acceptableReport(text, { accountId: '', role: 'admin' });
  const asked = await askedFor(db, held);
  const differs = (what: string, got: unknown, wanted: unknown) => {
    if (got !== wanted) throw new Problem('other-job', `${what}: ${String(got)}, the job asked for ${String(wanted)}`);
  };
  differs('model', version.id, held.versionId);
  differs('board', report.board, held.board);
  for (const key of ['protocol', 'level', 'seed', 'restarts'] as const) differs(key, report[key], asked?.[key]);
  for (const key of ['samples', 'autoattackSamples', 'trainSamples'] as const) differs(`counts.${key}`, report.counts[key], asked?.[key]);
  for (const attack of asked?.attacks ?? [])
    if (!(attack in report.evidence)) throw new Problem('other-job', `evidence.${attack}: it is missing`);
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // Its key may be being revoked just now; whoever comes second sees the other. Then the version, as everywhere, then the job.
    const [signer] = await tx.select({ revokedAt: runners.revokedAt }).from(runners).where(eq(runners.id, runner.id)).for('share');
    if (!signer || signer.revokedAt) throw new Problem('not-a-runner', 'the runner’s key was revoked');
    const added = await addRunIn(tx, {
      ...{ versionId: version.id, kind: 'verification' as const, accountId: runner.ownerId, text, report },
      signed: { runnerId: runner.id, signature },
    });
    const ended = await complete(tx, jobId, runner.id);
    // Two processes with one key: the job has its run.
    if (ended === 'lost' || (ended === 'done already' && !added.known)) throw leaseLost();
    const state = added.standing?.state ?? null;
    await askForAnother(tx, { versionId: version.id, board: report.board, protocol: report.protocol }, state);
    return { runId: added.runId, state };
  });
}

/** The answer to a result that was taken before, whose answer was lost. */
async function keptResult(db: Db, runnerId: string, signature: string) {
  const [run] = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.runnerId, runnerId), eq(runs.signature, signature)));
  if (run) return { runId: run.id, state: null };
  const spot = await keptSpotResult(db, runnerId, signature);
  return spot ? { state: spot.verdict ?? 'draw-more' } : keptJudgement(db, runnerId, signature);
}
