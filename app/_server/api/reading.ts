/** Routes that read: boards, rows, models, files, runs, events. Open to everybody, from any origin. */
import { createRoute, z } from '@hono/zod-openapi';
import { and, count, eq } from 'drizzle-orm';
import { type BoardQuery, type BoardRow, boardRows } from '@/db/queries/board';
import { readCursor } from '@/db/queries/cursor';
import { publicEvents } from '@/db/queries/events';
import { filesOf, modelBySlug, type Page, publicModels, type Reader, runById, runsOf, standingsOf } from '@/db/queries/models';
import { hiddenModel } from '@/db/queries/moderation';
import { boardTiers } from '@/db/queries/tiers';
import { standings, versions } from '@/db/schema';
import { attestationSchema } from '@/lib/protocol/attestation';
import { BOARDS, PROTOCOL } from '@/lib/protocol/boards';
import { attestationOf } from '../attestation';
import { stores } from '../database';
import { csvStream } from './csv';
import { type Api, readerOf } from './frame';
import { Problem } from './problem';
import {
  boardSchema,
  errorSchema,
  eventSchema,
  listedModelSchema,
  modelSchema,
  rowSchema,
  rowsQuerySchema,
  rowsSchema,
  runSchema,
  runsSchema,
  sha256Schema,
  standingSchema,
} from './shapes';

export const json = <T extends z.ZodType>(schema: T, description: string) => ({ content: { 'application/json': { schema } }, description });
export const refusals = { default: json(errorSchema, 'a refusal, with a stable code') };

const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(300).optional().openapi({ description: 'the `next` of the page before' }),
});

function pageIn({ limit, cursor }: z.infer<typeof pageQuerySchema>): Page {
  const read = cursor === undefined ? undefined : readCursor(cursor);
  if (cursor !== undefined && !read) throw new Problem('bad-cursor', 'cursor: expected the `next` of an earlier answer');
  return { limit, ...(read ? { cursor: read } : {}) };
}

const boardParams = z.object({ dataset: z.string(), norm: z.string() });

function boardOf({ dataset, norm }: z.infer<typeof boardParams>) {
  const board = BOARDS.get(`${dataset}/${norm}`);
  if (!board) throw new Problem('not-found', `there is no board ${dataset}/${norm}; known: ${[...BOARDS.keys()].join(', ')}`);
  return board;
}

async function counts() {
  const { db } = await stores();
  const rows = await db
    .select({ board: standings.board, rows: count() })
    .from(standings)
    .innerJoin(versions, eq(versions.id, standings.versionId))
    .where(and(eq(versions.state, 'public'), eq(standings.protocol, PROTOCOL)))
    .groupBy(standings.board);
  return new Map(rows.map((r) => [r.board, r.rows]));
}

export function addReading(api: Api): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/boards',
      summary: 'All boards',
      responses: { 200: json(z.object({ boards: z.array(boardSchema) }), 'the boards'), ...refusals },
    }),
    async (c) => {
      const rows = await counts();
      return c.json({ boards: [...BOARDS.values()].map((b) => ({ ...b, protocol: PROTOCOL, rows: rows.get(b.id) ?? 0 })) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/boards/{dataset}/{norm}',
      summary: 'One board',
      request: { params: boardParams },
      responses: { 200: json(boardSchema, 'the board'), ...refusals },
    }),
    async (c) => {
      const board = boardOf(c.req.valid('param'));
      return c.json({ ...board, protocol: PROTOCOL, rows: (await counts()).get(board.id) ?? 0 }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/boards/{dataset}/{norm}/rows',
      summary: 'Rows of a board, sorted, filtered, page by page',
      description: 'With `format=csv` the same rows as text/csv.',
      request: { params: boardParams, query: rowsQuerySchema },
      responses: {
        200: {
          description: 'rows; `next` is the cursor of the following page',
          content: { 'application/json': { schema: rowsSchema }, 'text/csv': { schema: z.string() } },
        },
        ...refusals,
      },
    }),
    async (c) => {
      const board = boardOf(c.req.valid('param'));
      const { format, columns, recipe, state, extraData, ranking, limit, ...rest } = c.req.valid('query');
      if (rest.cursor && !readCursor(rest.cursor)) throw new Problem('bad-cursor', 'cursor: expected the `next` of an earlier answer');
      if (columns && format !== 'csv') throw new Problem('bad-request', 'columns: only a CSV has a choice of them');
      const { db } = await stores();
      const tiers = await boardTiers(db, board.id, rest.protocol, ranking);
      const query: Omit<BoardQuery, 'limit'> = {
        ...rest,
        board: board.id,
        ...(recipe ? { recipes: recipe } : {}),
        ...(state ? { states: state } : {}),
        ...(extraData ? { extraData: extraData === 'yes' } : {}),
      };
      const shown = (row: BoardRow) => ({ ...row, tier: tiers.get(row.versionId) ?? null, measuredAt: row.measuredAt.toISOString() });
      if (format === 'json') {
        const page = await boardRows(db, { ...query, limit: limit ?? 100 });
        return c.json({ rows: page.rows.map(shown), ...(page.next ? { next: page.next } : {}) }, 200);
      }
      const pages = (async function* () {
        for (let cursor = query.cursor; ; ) {
          const page = await boardRows(db, { ...query, limit: limit ?? 500, ...(cursor ? { cursor } : {}) });
          yield page.rows.map(shown);
          cursor = page.next;
          if (limit !== undefined || !cursor) return;
        }
      })();
      const headers = {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="${board.id.replace('/', '-')}.csv"`,
      };
      return new Response(csvStream(columns ?? Object.keys(rowSchema.shape), pages), { headers }) as never;
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/models/{slug}',
      summary: 'A model with its versions, files and runs',
      request: { params: z.object({ slug: z.string() }) },
      responses: { 200: json(modelSchema, 'the model'), ...refusals },
    }),
    async (c) => {
      const { slug } = c.req.valid('param');
      const { db } = await stores();
      const model = await modelBySlug(db, slug, readerOf(c));
      const hidden = model ? undefined : await hiddenModel(db, slug);
      if (hidden) throw new Problem('not-found', `model ${slug} was hidden by the admins of this site: ${hidden.reasons.join('; ')}`);
      if (!model) throw new Problem('not-found', `there is no model ${slug}`);
      const list = [];
      for (const { modelId: _, checkedAt: __, ...version } of model.versions) {
        const [found, files, { rows: runs }] = await Promise.all([
          standingsOf(db, version.id),
          filesOf(db, version.id),
          runsOf(db, version.id, { limit: 50 }),
        ]);
        const fields = Object.keys(standingSchema.shape) as (keyof (typeof found)[number])[];
        list.push({ ...version, standings: found.map((s) => Object.fromEntries(fields.map((k) => [k, s[k]]))), files, runs });
      }
      const { id: _id, ownerId: _owner, owner, ...rest } = model;
      // Dates become text exactly as the schema says.
      return c.json(
        JSON.parse(JSON.stringify({ ...rest, owner: owner?.name ?? null, versions: list })) as z.infer<typeof modelSchema>,
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/models',
      summary: 'Models with a public version, newest first, page by page',
      request: { query: pageQuerySchema.extend({ search: rowsQuerySchema.shape.search }) },
      responses: { 200: json(z.object({ models: z.array(listedModelSchema), next: z.string().optional() }), 'the models'), ...refusals },
    }),
    async (c) => {
      const { search, ...page } = c.req.valid('query');
      const { db } = await stores();
      const { rows, next } = await publicModels(db, { ...pageIn(page), ...(search ? { search } : {}) });
      const list = rows.map(({ id: _, ...model }) => model);
      // Dates become text exactly as the schema says.
      return c.json(JSON.parse(JSON.stringify({ models: list, next })), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/models/{slug}/versions/{number}/runs',
      summary: 'Every run of a version, newest first, page by page',
      request: {
        params: z.object({ slug: z.string(), number: z.coerce.number().int().positive() }),
        query: pageQuerySchema,
      },
      responses: { 200: json(runsSchema, 'the runs'), ...refusals },
    }),
    async (c) => {
      const { slug, number } = c.req.valid('param');
      const { db } = await stores();
      const model = await modelBySlug(db, slug, readerOf(c));
      const version = model?.versions.find((v) => v.number === number);
      if (!version) throw new Problem('not-found', `there is no version ${number} of a model ${slug}`);
      const { rows, next } = await runsOf(db, version.id, pageIn(c.req.valid('query')));
      return c.json(JSON.parse(JSON.stringify({ runs: rows, next })), 200);
    },
  );

  // Registered by hand: paths of files may have slashes, plain or as %2F.
  const fileParams = z.object({ slug: z.string(), number: z.coerce.number().int().positive(), path: z.string() });
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: '/models/{slug}/versions/{number}/files/{path}',
    summary: 'A file of a model',
    request: { params: fileParams },
    responses: {
      200: {
        description: 'its bytes',
        content: {
          'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
          'application/json': { schema: z.unknown().openapi({ description: 'a file whose name ends in .json' }) },
        },
      },
      ...refusals,
    },
  });
  api.get('/models/:slug/versions/:number/files/:path{.+}', async (c) => {
    const params = fileParams.safeParse(c.req.param());
    if (!params.success) throw new Problem('not-found', 'versions are numbered 1, 2, …');
    return fileAnswer(params.data, readerOf(c));
  });

  api.openapi(
    createRoute({
      method: 'get',
      path: '/runs/{id}',
      summary: 'A run: who measured which version, on what, with which result',
      request: { params: z.object({ id: z.uuid() }) },
      responses: {
        200: json(runSchema.extend({ model: z.string(), version: z.number().int(), sha256: sha256Schema }), 'the run'),
        ...refusals,
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { db } = await stores();
      const found = await runById(db, id, readerOf(c));
      if (!found) throw new Problem('not-found', `there is no run ${id}`);
      const { run, slug, version, sha256, by, spotCheck } = found;
      const fields = { ...run, by, spotCheck, model: slug, version, sha256 };
      const answer = Object.fromEntries([...Object.keys(runSchema.shape), 'model', 'version', 'sha256'].map((k) => [k, fields[k as 'id']]));
      return c.json(JSON.parse(JSON.stringify(answer)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/runs/{id}/report',
      summary: 'The exact bytes of a run’s report',
      request: { params: z.object({ id: z.uuid() }) },
      responses: { 200: json(z.unknown(), 'a report (schema report/1)'), ...refusals },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { db } = await stores();
      const row = await runById(db, id, readerOf(c));
      if (!row) throw new Problem('not-found', `there is no run ${id}`);
      return new Response(row.run.report, {
        headers: { 'Content-Type': 'application/json', ETag: `"${row.run.reportSha256}"` },
      }) as never;
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/runs/{id}/attestation',
      summary: 'Who signed the report of a run',
      description: 'With the report’s bytes beside it, `npm run -s verify` checks it without any site.',
      request: { params: z.object({ id: z.uuid() }) },
      responses: { 200: json(attestationSchema.openapi('Attestation'), 'the signature and the key'), ...refusals },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { db } = await stores();
      const row = await runById(db, id, readerOf(c));
      if (!row) throw new Problem('not-found', `there is no run ${id}`);
      const attestation = attestationOf(row);
      if (!attestation) throw new Problem('not-found', `run ${id} was not made by a runner, so nobody signed it`);
      return c.json(attestation, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/events',
      summary: 'What happened, newest first, or oldest first after an event',
      request: {
        query: z.strictObject({
          board: z.string().optional(),
          model: z.string().optional(),
          after: z.coerce.number().int().nonnegative().optional(),
          before: z.coerce.number().int().positive().optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
      },
      responses: { 200: json(z.object({ events: z.array(eventSchema) }), 'events of what is public'), ...refusals },
    }),
    async (c) => {
      const { board, model, after, before, limit } = c.req.valid('query');
      const { db } = await stores();
      const given = { board, model, after, before };
      const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const rows = await publicEvents(db, { ...asked, limit });
      // Who did it stands in the page's words alone.
      const shown = rows.map(({ name: _name, version: _version, by: _by, at, ...event }) => ({ ...event, at: at.toISOString() }));
      return c.json({ events: shown }, 200);
    },
  );
}

async function fileAnswer({ slug, number, path }: { slug: string; number: number; path: string }, reader: Reader): Promise<Response> {
  const { db, blobs } = await stores();
  const model = await modelBySlug(db, slug, reader);
  const version = model?.versions.find((v) => v.number === number);
  if (version?.weightsRemovedAt) {
    const day = version.weightsRemovedAt.toISOString().slice(0, 10);
    throw new Problem('gone', `the files of ${slug}, version ${number}, were removed at its submitter’s wish on ${day}; its scores stay`);
  }
  const file = version && (await filesOf(db, version.id)).find((f) => f.path === path);
  if (!version || !file) throw new Problem('not-found', `there is no file ${path} of ${slug}, version ${number}`);
  const bytes = await blobs.get(file.sha256);
  if (!bytes) throw new Problem('store-unavailable', `${path} could not be read just now; try again`);
  return new Response(bytes, {
    headers: {
      'Content-Type': path.endsWith('.json') ? 'application/json' : 'application/octet-stream',
      ETag: `"${file.sha256}"`,
      'Cache-Control': version.state === 'public' ? 'public, max-age=31536000, immutable' : 'private, no-store',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(path.split('/').pop() as string)}`,
    },
  });
}
