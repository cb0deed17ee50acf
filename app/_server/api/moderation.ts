/** Looking after the board: complaints, decisions of admins with a public reason, and one appeal. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Db } from '@/db/client';
import { modelBySlug } from '@/db/queries/models';
import {
  answerAppeal,
  answerComplaint,
  appeal,
  boardsOf,
  complain,
  DECISIONS,
  type Decided,
  decide,
  openAppeals,
  openComplaints,
} from '@/db/queries/moderation';
import { ownVersion } from '@/db/queries/submissions';
import { enqueueVerification } from '@/db/queue/verification';
import { COMPLAINT_KINDS, VERSION_STATES } from '@/db/schema';
import { LEVELS } from '@/lib/attacks/catalogue';
import { stores } from '../database';
import { writeAppealAnswered, writeComplaintAnswered } from '../letters';
import { type Api, counted, readerOf, signedIn, type Variables } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { boardIdSchema, isStorable, line, time, UNSTORABLE } from './shapes';

/** Complaints and appeals of one account in a day. */
const COMPLAINTS = (account: string) => ({ key: `complaints:${account}`, most: 10, windowSeconds: 86_400 });

const words = z.string().trim().min(10).max(4000).refine(isStorable, UNSTORABLE);
const reason = line(500).openapi({ description: 'public' });
const versionParams = z.object({ id: z.uuid() });
const okay = (description: string) => json(z.object({ ok: z.literal(true) }), description);
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { 'application/json': { schema } } });

const about = { versionId: z.uuid(), slug: z.string(), name: z.string(), version: z.number().int(), by: z.string().nullable() };
const complaintSchema = z
  .object({
    ...{ id: z.uuid(), ...about, kind: z.enum(COMPLAINT_KINDS), text: z.string(), board: z.string(), createdAt: time },
    ...{ state: z.enum(VERSION_STATES), locked: z.string().nullable(), disqualified: z.string().nullable() },
  })
  .openapi('Complaint');
const appealSchema = z
  .object({
    ...{ ...about, text: z.string(), createdAt: time, state: z.enum(VERSION_STATES) },
    ...{ reasons: z.array(z.string()), disqualified: z.string().nullable() },
  })
  .openapi('Appeal');

function adminOf(c: Context<{ Variables: Variables }>): string {
  const { accountId, role } = signedIn(c);
  if (role !== 'admin') throw new Problem('not-an-admin', 'only admins look after the board');
  return accountId;
}

const OUTCOMES: Record<Exclude<Decided, 'done'>, (id: string) => Problem> = {
  'no-version': (id) => new Problem('not-found', `there is no version ${id}`),
  'no-change': () => new Problem('not-ready', 'that is so already, or the version was never public'),
  duplicate: () => new Problem('duplicate-model', 'these weights have been published elsewhere on the site since'),
};

function mustBeDone(outcome: Decided, id: string): void {
  if (outcome !== 'done') throw OUTCOMES[outcome](id);
}

export function addModeration(api: Api): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/models/{slug}/complaints',
      summary: 'Tell the admins what is wrong with a version; they answer whoever asks',
      request: {
        params: z.object({ slug: z.string() }),
        body: body(z.strictObject({ version: z.number().int().positive(), kind: z.enum(COMPLAINT_KINDS), text: words })),
      },
      responses: { 201: json(z.object({ id: z.uuid() }), 'the admins will see it'), ...refusals },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      const { slug } = c.req.valid('param');
      const { version: number, ...complaint } = c.req.valid('json');
      const { db } = await stores();
      const version = (await modelBySlug(db, slug, readerOf(c)))?.versions.find((v) => v.number === number);
      if (!version) throw new Problem('not-found', `there is no version ${number} of a model ${slug}`);
      const id = await counted(COMPLAINTS(accountId), () => complain(db, { versionId: version.id, accountId, ...complaint }));
      return c.json({ id }, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/complaints',
      summary: 'Complaints and appeals that wait for an answer; for admins',
      responses: {
        200: json(z.object({ complaints: z.array(complaintSchema), appeals: z.array(appealSchema) }), 'the oldest first'),
        ...refusals,
      },
    }),
    async (c) => {
      adminOf(c);
      const { db } = await stores();
      const answer = { complaints: await openComplaints(db), appeals: await openAppeals(db) };
      return c.json(JSON.parse(JSON.stringify(answer)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/complaints/{id}/answer',
      summary: 'Close a complaint with what its sender is told; for admins',
      request: { params: versionParams, body: body(z.strictObject({ answer: words })) },
      responses: { 200: okay('it is closed'), ...refusals },
    }),
    async (c) => {
      const adminId = adminOf(c);
      const { id } = c.req.valid('param');
      const { db } = await stores();
      if (!(await answerComplaint(db, id, c.req.valid('json').answer, adminId)))
        throw new Problem('not-found', `there is no open complaint ${id}`);
      writeComplaintAnswered(db, id, c.req.valid('json').answer);
      return c.json({ ok: true as const }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/versions/{id}/decision',
      summary: 'Hide, lock or disqualify a version, or take that back, with a public reason; for admins',
      description:
        'Hidden: its page says that it was hidden and why. Locked: it takes no runs and witnesses from accounts. Disqualified: its row stays, out of the ranking. Every decision stands in the history.',
      request: { params: versionParams, body: body(z.strictObject({ decision: z.enum(DECISIONS), reason })) },
      responses: { 200: okay('it holds at once'), ...refusals },
    }),
    async (c) => {
      const adminId = adminOf(c);
      const { id } = c.req.valid('param');
      const { decision, reason: why } = c.req.valid('json');
      const { db } = await stores();
      mustBeDone(await decide(db, id, decision, why, adminId), id);
      return c.json({ ok: true as const }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/versions/{id}/measure',
      summary: 'Have a version measured again; for admins',
      request: {
        params: versionParams,
        body: body(z.strictObject({ board: boardIdSchema, level: z.enum(LEVELS).default('pgd') })),
      },
      responses: {
        200: json(z.object({ jobId: z.uuid(), added: z.boolean() }), 'the job; not added where one waits or runs'),
        ...refusals,
      },
    }),
    async (c) => {
      adminOf(c);
      const { id } = c.req.valid('param');
      const { board, level } = c.req.valid('json');
      const { db } = await stores();
      const boards = await boardsOf(db, id);
      if (boards.length === 0) throw OUTCOMES['no-version'](id);
      if (!boards.includes(board)) throw new Problem('bad-request', `board: the version is on ${boards.join(', ')}`);
      const job = await db.transaction((tx) => enqueueVerification(tx as unknown as Db, { versionId: id, board, level }, 'asked'));
      return c.json(job, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/versions/{id}/appeal',
      summary: 'Appeal, once, against an own version being disqualified or hidden',
      request: { params: versionParams, body: body(z.strictObject({ text: words })) },
      responses: { 201: okay('the admins will answer in public'), ...refusals },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      const { id } = c.req.valid('param');
      const { db } = await stores();
      if (!(await ownVersion(db, accountId, id))) throw new Problem('not-found', `there is no version ${id} of yours`);
      const outcome = await counted(COMPLAINTS(accountId), () => appeal(db, id, accountId, c.req.valid('json').text));
      if (outcome === 'appealed') throw new Problem('not-ready', 'there has been an appeal; a version has one');
      if (outcome === 'nothing-to-appeal') throw new Problem('not-ready', 'the version is neither disqualified nor hidden');
      return c.json({ ok: true as const }, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/versions/{id}/appeal/answer',
      summary: 'The last word on an appeal, in public; upheld takes the decision back; for admins',
      request: { params: versionParams, body: body(z.strictObject({ upheld: z.boolean(), answer: reason })) },
      responses: { 200: okay('it stands in the history'), ...refusals },
    }),
    async (c) => {
      const adminId = adminOf(c);
      const { id } = c.req.valid('param');
      const { db } = await stores();
      const { upheld, answer } = c.req.valid('json');
      mustBeDone(await answerAppeal(db, id, { upheld, answer }, adminId), id);
      writeAppealAnswered(db, id, upheld, answer);
      return c.json({ ok: true as const }, 200);
    },
  );
}
