/** Routes that write: a submission step by step, and runs. All need an account. */
import { createHash } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { eq } from 'drizzle-orm';
import { checkVersion } from '@/db/check-version';
import { removeLooseBlobs } from '@/db/queries/loose-blobs';
import { addRun } from '@/db/queries/runs';
import { beginSubmission, discard, type Outcome, ownVersion, publish, recordArrival, submissionOf } from '@/db/queries/submissions';
import { files } from '@/db/schema';
import { LIMITS } from '@/lib/model/bundle';
import { BOARDS } from '@/lib/protocol/boards';
import { stores } from '../database';
import { acceptableReport } from './acceptable-report';
import { type Api, counted, idempotent, readerOf, signedIn, within } from './frame';
import { PROBLEMS, Problem, type ProblemCode } from './problem';
import { json, refusals } from './reading';
import { addedRunSchema, sha256Schema, submissionRequestSchema, submissionSchema } from './shapes';

const DAY = 86400;
const limits = {
  submissions: (account: string) => ({ key: `submit:${account}`, most: 30, windowSeconds: DAY }),
  bytes: (account: string) => ({ key: `megabytes:${account}`, most: 4000, windowSeconds: DAY }),
  runs: (account: string) => ({ key: `runs:${account}`, most: 200, windowSeconds: DAY }),
  /** Every run of a version is read again with each that is added. */
  runsOfOne: (account: string, version: string) => ({ key: `runs:${account}:${version}`, most: 20, windowSeconds: DAY }),
  checks: (account: string) => ({ key: `check:${account}`, most: 100, windowSeconds: DAY }),
};

/** Expected outcomes are values in the database's room; here they become answers. */
function answerOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Problem(outcome.code in PROBLEMS ? (outcome.code as ProblemCode) : 'bad-request', outcome.message);
}

const checking = new Set<string>();

/** Reading a model takes its size in memory: not twice at once. */
async function onlyOnce<T>(versionId: string, work: () => Promise<T>): Promise<T> {
  if (checking.has(versionId)) throw new Problem('under-way', 'this version is being checked already', { 'Retry-After': '5' });
  checking.add(versionId);
  try {
    return await work();
  } finally {
    checking.delete(versionId);
  }
}

const versionParams = z.object({ id: z.uuid() });
const submissionAnswer = (description: string) => json(submissionSchema, description);

export function addWriting(api: Api): void {
  api.use('/submissions', idempotent);
  api.use('/submissions/:id/publish', idempotent);
  api.use('/runs', idempotent);

  const own = async (accountId: string, id: string) => {
    const { db } = await stores();
    const found = await ownVersion(db, accountId, id);
    if (!found) throw new Problem('not-found', `there is no submission ${id} of yours`);
    return found;
  };

  api.openapi(
    createRoute({
      method: 'post',
      path: '/submissions',
      summary: 'Begin a submission, or find an interrupted one again',
      request: { body: { required: true, content: { 'application/json': { schema: submissionRequestSchema } } } },
      responses: { 201: submissionAnswer('what is to be sent next'), ...refusals },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      const { model, name, ...input } = c.req.valid('json');
      const board = BOARDS.get(input.board);
      if (input.epsilonTrained !== null && board && input.epsilonTrained > 4 * board.epsilon)
        throw new Problem(
          'bad-request',
          `epsilonTrained: ${input.epsilonTrained} is far outside the board’s ${board.epsilonLabel}; it is in pixel units of [0, 1]`,
        );
      const weights = input.files.filter((f) => f.path !== 'model.json').reduce((n, f) => n + f.bytes, 0);
      if (weights > LIMITS.weightBytes)
        throw new Problem('model-refused', `files: ${weights} bytes of weights; at most ${LIMITS.weightBytes}`);
      const { db } = await stores();
      const submission = await counted(limits.submissions(accountId), async () =>
        answerOf(await beginSubmission(db, { ...input, accountId, ...(name ? { name } : {}), ...(model ? { modelSlug: model } : {}) })),
      );
      return c.json(submission, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/submissions/{id}',
      summary: 'Where a submission stands',
      request: { params: versionParams },
      responses: { 200: submissionAnswer('the submission'), ...refusals },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      await own(signedIn(c).accountId, id);
      const { db } = await stores();
      return c.json(await submissionOf(db, id), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/submissions/{id}/files/{sha256}',
      summary: 'The bytes of one file, at most 4.5 MB',
      request: {
        params: versionParams.extend({ sha256: sha256Schema }),
        body: { content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } } },
      },
      responses: { 200: submissionAnswer('what is still missing'), ...refusals },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      const { id, sha256 } = c.req.valid('param');
      const { version } = await own(accountId, id);
      if (version.state !== 'uploading') throw new Problem('not-ready', `the submission is ${version.state}; no more files are taken`);
      const { db, blobs } = await stores();
      const expected = (await db.select().from(files).where(eq(files.versionId, id))).find((f) => f.sha256 === sha256);
      if (!expected) throw new Problem('not-found', `the submission lists no file ${sha256}`);
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      if (bytes.length !== expected.bytes)
        throw new Problem(
          'wrong-hash',
          `${expected.path}: ${bytes.length} bytes came, the submission says ${expected.bytes}; send it again`,
        );
      const hash = createHash('sha256').update(bytes).digest('hex');
      if (hash !== sha256) throw new Problem('wrong-hash', `${expected.path}: the bytes have SHA-256 ${hash}; send it again`);
      await counted(limits.bytes(accountId), () => blobs.put(sha256, bytes), Math.ceil(bytes.length / 1e6));
      await recordArrival(db, id, sha256);
      return c.json(await submissionOf(db, id), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/submissions/{id}/check',
      summary: 'Let the server check the files: hashes, layers, limits, the board’s shape',
      request: { params: versionParams },
      responses: { 200: submissionAnswer('a checked draft'), ...refusals },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { accountId } = signedIn(c);
      await own(accountId, id);
      const { db, blobs } = await stores();
      return c.json(
        await counted(limits.checks(accountId), () => onlyOnce(id, async () => answerOf(await checkVersion(db, blobs, id)))),
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/submissions/{id}/publish',
      summary: 'Make a checked draft public',
      request: { params: versionParams },
      responses: { 200: submissionAnswer('a public version'), ...refusals },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      const { id } = c.req.valid('param');
      await own(accountId, id);
      const { db } = await stores();
      return c.json(answerOf(await publish(db, accountId, id)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/submissions/{id}',
      summary: 'Discard what is not public',
      request: { params: versionParams },
      responses: { 204: { description: 'gone' }, ...refusals },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      await own(signedIn(c).accountId, id);
      const { db, blobs } = await stores();
      if (!(await discard(db, id))) throw new Problem('not-ready', 'a public version stays: scores are not withdrawn silently');
      await removeLooseBlobs(db, blobs);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/runs',
      summary: 'Add the report of a run: a claim on an own model, a reproduction of another’s',
      request: {
        body: {
          required: true,
          content: {
            'application/json': { schema: z.unknown().openapi({ description: 'a report (schema report/1); its exact bytes are kept' }) },
          },
        },
      },
      responses: { 201: json(addedRunSchema, 'the run'), ...refusals },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      const text = await c.req.text();
      const { report, version, ownerId } = await acceptableReport(text, readerOf(c));
      if (version.locked !== null) throw new Problem('locked', `the version takes no runs just now: ${version.locked}`);
      const kind = ownerId === accountId ? 'claim' : 'reproduction';
      const { db } = await stores();
      await within(limits.runsOfOne(accountId, version.id));
      const added = await counted(limits.runs(accountId), () => addRun(db, { versionId: version.id, kind, accountId, text, report }));
      return c.json({ runId: added.runId, known: added.known, kind, state: added.standing?.state ?? null } as const, 201);
    },
  );
}
