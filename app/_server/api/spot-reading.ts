/** What everybody may read of a spot check: its samples and results once it has ended. */
import { createRoute, z } from '@hono/zod-openapi';
import { runById } from '@/db/queries/models';
import { spotCheckById, spotResultsOf } from '@/db/queries/spot-checks';
import { samplesOf } from '@/lib/protocol/spot-check';
import { stores } from '../database';
import { type Api, readerOf } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { spotCheckSchema, time } from './shapes';

const detailsSchema = spotCheckSchema
  .extend({
    samples: z
      .array(z.number().int())
      .openapi({ description: 'records of the test split that were attacked again, ascending; none before it has ended' }),
    results: z
      .array(
        z.object({
          stage: z.number().int(),
          broken: z.number().int(),
          witnesses: z.uuid().nullable().openapi({ description: 'the file of those that broke, under /witnesses/{id}' }),
          runner: z.string().nullable(),
          publicKey: z.string().nullable(),
          signature: z.string().openapi({ description: 'base64 of an Ed25519 signature over the SHA-256 of `result`' }),
          result: z.string().openapi({ description: 'the exact text that was signed (schema spot-check/1)' }),
          createdAt: time,
        }),
      )
      .openapi({ description: 'those that count, by stage; none before it has ended' }),
  })
  .openapi('SpotCheckDetails');

export function addSpotReading(api: Api): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/runs/{id}/spot-check',
      summary: 'The spot check of a claim of level standard',
      request: { params: z.object({ id: z.uuid() }) },
      responses: { 200: json(detailsSchema, 'where it stands'), ...refusals },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { db } = await stores();
      const run = await runById(db, id, readerOf(c));
      const found = run && (await spotCheckById(db, id));
      if (!found) throw new Problem('not-found', `there is no spot check of run ${id}`);
      const { stage, robust, attacked, broken, verdict, endedAt, order } = found.check;
      const results = verdict === null ? [] : await spotResultsOf(db, id);
      const samples = results.flatMap(({ row }) => samplesOf(order, robust, row.stage)).sort((a, b) => a - b);
      return c.json(
        {
          ...{ stage, robust, attacked, broken, verdict, endedAt: endedAt?.toISOString() ?? null, samples },
          results: results.map(({ row, runner }) => ({
            ...{ stage: row.stage, broken: row.broken, witnesses: row.fileId, runner: runner?.name ?? null },
            ...{ publicKey: runner?.publicKey ?? null, signature: row.signature, result: row.result },
            createdAt: row.createdAt.toISOString(),
          })),
        },
        200,
      );
    },
  );
}
