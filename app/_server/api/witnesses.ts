/** Witnesses: adversarial images that anyone signed in sends, what became of them, and the accepted ones for everybody. */
import { createHash } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { and, eq } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { readCursor } from '@/db/queries/cursor';
import { modelBySlug } from '@/db/queries/models';
import { acceptedWitnesses, addWitnesses, isAcceptedFile, witnessesById } from '@/db/queries/witnesses';
import { KINDS } from '@/db/queue/boss';
import { newestJob } from '@/db/queue/list';
import { standings } from '@/db/schema';
import { Failure } from '@/lib/failure';
import { BOARDS, PROTOCOL } from '@/lib/protocol/boards';
import { robustCount } from '@/lib/protocol/counts';
import { toBase64 } from '@/lib/protocol/evidence';
import { readWitnesses, type WitnessFile, witnessReasons } from '@/lib/protocol/witness-file';
import { WITNESS_OUTCOMES } from '@/lib/protocol/witness-verdict';
import { stores } from '../database';
import { servedSplit } from '../served-digests';
import { testImages } from '../test-images';
import { type Api, counted, idempotent, readerOf, signedIn, within } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { boardIdSchema, sha256Schema } from './shapes';

const DAY = 86400;
const limits = {
  files: (account: string) => ({ key: `witnesses:${account}`, most: 300, windowSeconds: DAY }),
  bytes: (account: string) => ({ key: `witness-megabytes:${account}`, most: 600, windowSeconds: DAY }),
};

const count = z.number().int().nonnegative();
const time = z.iso.datetime();
const binary = z.string().openapi({ format: 'binary' });

const witnessesSchema = z
  .object({
    id: z.uuid(),
    model: z.string(),
    version: count,
    board: z.string(),
    protocol: z.string(),
    by: z.string().nullable().openapi({ description: 'the finder' }),
    sha256: sha256Schema.openapi({ description: 'of the file' }),
    bytes: count,
    images: count,
    createdAt: time,
    judgedAt: time.nullable(),
    runner: z.string().nullable().openapi({ description: 'who judged it' }),
    broken: count.openapi({ description: 'images that the model takes for another class' }),
    first: count.openapi({ description: 'of these, those that the board took for robust until then' }),
    ambiguous: count.openapi({ description: 'images on which the two classes are too close to tell; they do not count' }),
    held: count.openapi({ description: 'images that are not broken' }),
  })
  .openapi('Witnesses');

const judgedSchema = witnessesSchema
  .extend({
    state: z.enum(['queued', 'active', 'judged', 'failed', 'cancelled']),
    ahead: count.nullable().openapi({ description: 'jobs before it, while it waits' }),
    reason: z.string().nullable().openapi({ description: 'why it failed, or why it is tried again' }),
    outcomes: z.array(
      z.object({
        index: count.openapi({ description: 'record of the test split' }),
        outcome: z.enum(WITNESS_OUTCOMES),
        first: z.boolean(),
        lead: z.number().openapi({ description: '(largest wrong − true logit) / spread of the logits' }),
        predicted: count,
      }),
    ),
  })
  .openapi('JudgedWitnesses');

const outcomesSchema = z
  .object({
    sha256: sha256Schema.openapi({ description: 'of the model' }),
    board: z.string(),
    protocol: z.string(),
    samples: count,
    robustSamples: count.openapi({
      description: 'images of `robust`: fewer than `samples` where AutoAttack ran on the first of them only',
    }),
    pgd: z.string().nullable().openapi({ description: 'base64 bitmap: bit i = image i holds under clean, pgd-10 and pgd-margin' }),
    robust: z.string().nullable().openapi({ description: 'base64 bitmap: bit i = image i holds under all accepted evidence' }),
  })
  .openapi('Outcomes');

const slugParams = z.object({ slug: z.string() });

async function publicVersion(db: Db, slug: string, sha256: string) {
  const model = await modelBySlug(db, slug, null);
  if (!model) throw new Problem('not-found', `there is no model ${slug}`);
  const version = model.versions.find((v) => v.sha256 === sha256);
  if (!version) throw new Problem('witness-refused', `header.model: ${sha256} is no public version of ${slug}`);
  if (version.locked !== null) throw new Problem('locked', `the version takes no witnesses just now: ${version.locked}`);
  return version;
}

/** Whatever of a file can be found wrong without the network, is. */
async function checked(db: Db, slug: string, board: string, packed: Uint8Array) {
  const read = readWitnesses(packed);
  if (!read.ok) throw new Problem('witness-refused', read.reasons.join('; '));
  const file: WitnessFile = read.value;
  const { header } = file;
  if (header.board !== board) throw new Problem('witness-refused', `header.board: ${header.board}, but it was sent to ${board}`);
  const version = await publicVersion(db, slug, header.model);
  if (BOARDS.get(version.board)?.dataset !== file.board.dataset)
    throw new Problem(
      'witness-refused',
      `header.board: the model was submitted for ${version.board}, whose data are not those of ${board}`,
    );
  const served = await servedSplit(file.board.dataset, 'test');
  if (served?.sha256 !== header.data)
    throw new Problem('other-data', `header.data: ${header.data} is not what this site serves (${served?.sha256 ?? 'nothing'})`);
  const last = header.indices[header.indices.length - 1];
  if (last >= served.records)
    throw new Problem('other-data', `header.indices: ${last} is not among the ${served.records} images that this site has`);
  const images = await testImages(file.board.dataset, header.indices).catch((error) => {
    if (error instanceof Failure) throw new Problem('store-unavailable', 'the images of this board cannot be read just now; try again');
    throw error;
  });
  const reasons = witnessReasons(file, images);
  if (reasons.length) throw new Problem('witness-refused', reasons.join('; '));
  return { version, header };
}

export function addWitnessing(api: Api): void {
  api.use('/models/:slug/witnesses', async (c, next) => (c.req.method === 'POST' ? idempotent(c, next) : next()));

  api.openapi(
    createRoute({
      method: 'post',
      path: '/models/{slug}/witnesses',
      summary: 'Send adversarial images of a model: a witness file, at most 500 images and 4.5 MB',
      description:
        'Box and ball are checked at once, in whole numbers; a runner then looks with one forward pass for each image whether the model takes it for another class.',
      request: {
        params: slugParams,
        query: z.strictObject({ board: boardIdSchema }),
        body: { required: true, content: { 'application/gzip': { schema: binary } } },
      },
      responses: {
        201: json(
          z.object({ id: z.uuid(), known: z.boolean().openapi({ description: 'the same bytes were there already' }), images: count }),
          'it is queued',
        ),
        ...refusals,
      },
    }),
    async (c) => {
      const { accountId } = signedIn(c);
      const { slug } = c.req.valid('param');
      const { board } = c.req.valid('query');
      const { db, blobs } = await stores();
      await within(limits.files(accountId));
      const packed = new Uint8Array(await c.req.arrayBuffer());
      const { version, header } = await checked(db, slug, board, packed);
      const sha256 = createHash('sha256').update(packed).digest('hex');
      const file = { versionId: version.id, board, protocol: PROTOCOL, accountId, sha256, bytes: packed.length };
      const { id, known } = await counted(
        limits.bytes(accountId),
        () => addWitnesses(db, { ...file, dataSha256: header.data, indices: header.indices }, () => blobs.put(sha256, packed)),
        Math.ceil(packed.length / 1e6),
      );
      return c.json({ id, known, images: header.indices.length }, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/models/{slug}/witnesses',
      summary: 'Accepted witnesses of a model, newest first, page by page',
      request: {
        params: slugParams,
        query: z.strictObject({
          board: boardIdSchema.optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
          cursor: z.string().max(300).optional().openapi({ description: 'the `next` of the page before' }),
        }),
      },
      responses: {
        200: json(z.object({ witnesses: z.array(witnessesSchema), next: z.string().optional() }), 'files that break an image'),
        ...refusals,
      },
    }),
    async (c) => {
      const { slug } = c.req.valid('param');
      const { cursor, limit, board } = c.req.valid('query');
      const read = cursor === undefined ? undefined : readCursor(cursor);
      if (cursor !== undefined && !read) throw new Problem('bad-cursor', 'cursor: expected the `next` of an earlier answer');
      const { db } = await stores();
      if (!(await modelBySlug(db, slug, null))) throw new Problem('not-found', `there is no model ${slug}`);
      const { rows, next } = await acceptedWitnesses(db, slug, { limit, ...(read ? { cursor: read } : {}), ...(board ? { board } : {}) });
      return c.json(JSON.parse(JSON.stringify({ witnesses: rows, next })), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/models/{slug}/witnesses/{sha256}',
      summary: 'The bytes of an accepted witness file',
      request: { params: slugParams.extend({ sha256: sha256Schema }) },
      responses: { 200: { description: 'its bytes', content: { 'application/gzip': { schema: binary } } }, ...refusals },
    }),
    async (c) => {
      const { slug, sha256 } = c.req.valid('param');
      const { db, blobs } = await stores();
      if (!(await isAcceptedFile(db, slug, sha256)))
        throw new Problem('not-found', `there is no accepted witness file ${sha256} of ${slug}`);
      const bytes = await blobs.get(sha256);
      if (!bytes) throw new Problem('store-unavailable', 'the file could not be read just now; try again');
      const headers = {
        ...{ 'Content-Type': 'application/gzip', ETag: `"${sha256}"`, 'Cache-Control': 'public, no-cache' },
        'Content-Disposition': `attachment; filename="${slug}-${sha256.slice(0, 8)}.witness.gz"`,
      };
      return new Response(bytes, { headers });
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/witnesses/{id}',
      summary: 'What became of a witness file: where it waits, or the outcome of every image',
      request: { params: z.object({ id: z.uuid() }) },
      responses: { 200: json(judgedSchema, 'the file'), ...refusals },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { db } = await stores();
      const found = await witnessesById(db, id);
      if (!found) throw new Problem('not-found', `there are no witnesses ${id}`);
      const job = found.judgedAt ? undefined : await newestJob(db, KINDS.witness.key({ ...found, fileId: id, versionId: '' }));
      const state = found.judgedAt ? 'judged' : job && job.state !== 'done' ? job.state : 'queued';
      const more = { state, ahead: job?.ahead ?? null, reason: job?.failure?.message ?? null };
      return c.json(JSON.parse(JSON.stringify({ ...found, ...more })), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/models/{slug}/versions/{number}/outcomes',
      summary: 'Which test images a version still holds on a board, as bitmaps',
      request: {
        params: slugParams.extend({ number: z.coerce.number().int().positive() }),
        query: z.strictObject({ board: boardIdSchema }),
      },
      responses: { 200: json(outcomesSchema, 'bit i (little-endian within bytes) = test image i'), ...refusals },
    }),
    async (c) => {
      const { slug, number } = c.req.valid('param');
      const { board } = c.req.valid('query');
      const { db } = await stores();
      const version = (await modelBySlug(db, slug, readerOf(c)))?.versions.find((v) => v.number === number);
      if (!version) throw new Problem('not-found', `there is no version ${number} of a model ${slug}`);
      const [row] = await db
        .select({
          samples: standings.samples,
          autoattackSamples: standings.autoattackSamples,
          pgd: standings.pgdBits,
          robust: standings.robustBits,
        })
        .from(standings)
        .where(and(eq(standings.versionId, version.id), eq(standings.board, board), eq(standings.protocol, PROTOCOL)));
      const text = (bits: Uint8Array | null | undefined) => (bits ? toBase64(bits) : null);
      const { sha256 } = version;
      const counts = { samples: row?.samples ?? 0, robustSamples: row ? robustCount(row) : 0 };
      return c.json({ sha256, board, protocol: PROTOCOL, ...counts, pgd: text(row?.pgd), robust: text(row?.robust) }, 200);
    },
  );
}
