/** Routes about several rows at once: how two or more models differ on the same images. */
import { createRoute, z } from '@hono/zod-openapi';
import { OUTCOME_BASES } from '@/db/queries/outcomes';
import { PROTOCOL } from '@/lib/protocol/boards';
import { MOST_COMPARED } from '@/lib/protocol/comparison';
import { packBitmap, toBase64, unpackBitmap } from '@/lib/protocol/evidence';
import { wilson95 } from '@/lib/protocol/interval';
import { STANDING_STATES } from '@/lib/protocol/standing';
import { compareModels, lastingName } from '../comparison';
import { stores } from '../database';
import type { Api } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { boardIdSchema, sha256Schema } from './shapes';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const name = z.string().max(90);

const comparisonSchema = z
  .object({
    board: boardIdSchema,
    protocol: z.string(),
    on: z.enum(OUTCOME_BASES),
    samples: count.openapi({ description: 'images that all of the models have: test images 0 … samples − 1' }),
    models: z.array(
      z.object({
        model: z.string().openapi({ description: 'slug@version' }),
        name: z.string(),
        sha256: sha256Schema,
        state: z.enum(STANDING_STATES),
        runId: z.uuid().openapi({ description: 'the run that its row shows' }),
        held: count.openapi({ description: 'of the shared images' }),
        share: share.nullable(),
        low: share.nullable().openapi({ description: '95 % Wilson interval' }),
        high: share.nullable(),
        holds: z
          .string()
          .openapi({ description: 'base64 bitmap over the shared images: bit i (little-endian within bytes) = image i held' }),
      }),
    ),
    pairs: z
      .array(
        z.object({
          a: z.string(),
          b: z.string(),
          both: count,
          onlyA: count,
          onlyB: count,
          neither: count,
          p: share.openapi({ description: 'exact two-sided paired McNemar test; no correction for the number of pairs' }),
          lnP: z.number().max(0).openapi({ description: 'its natural logarithm, for what a float64 p cannot hold' }),
        }),
      )
      .openapi({ description: 'every two of the models' }),
    groups: z
      .array(
        z.object({
          heldBy: z.array(z.string()),
          count,
          images: z.array(count).openapi({ description: 'the first 24 of them; the bitmaps hold all' }),
        }),
      )
      .openapi({ description: 'images that the same models hold: disagreements, what all hold, what none holds' }),
  })
  .openapi('Comparison');

/** Images named of a group; the bitmaps have the rest. */
const SHOWN = 24;

export function addComparing(api: Api): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/compare',
      summary: 'Models on the same test images: who holds which, and the exact paired McNemar test of every two',
      request: {
        query: z.strictObject({
          a: name.optional().openapi({ description: 'a model: `slug` (its newest version) or `slug@version`' }),
          b: name.optional().openapi({ description: 'another' }),
          m: z
            .string()
            .max(600)
            .optional()
            .openapi({ description: `instead of a and b, or besides: comma-separated, ${MOST_COMPARED} models in all` }),
          board: z.string().max(50).optional().openapi({ description: 'the first that all were measured on, without it' }),
          on: z.enum(OUTCOME_BASES).default('robust').openapi({
            description: 'what an image has to withstand: `robust` all accepted evidence, `pgd` the two PGD attacks, `clean` nothing',
          }),
        }),
      },
      responses: { 200: json(comparisonSchema, 'the comparison'), ...refusals },
    }),
    async (c) => {
      const { a, b, m, board, on } = c.req.valid('query');
      const { db } = await stores();
      const models = [a, b, ...(m?.split(',') ?? [])].flatMap((text) => text || []);
      const found = await compareModels(db, { models, basis: on, ...(board ? { board } : {}) });
      if (!found.ok) throw new Problem(found.code, found.message);
      const { comparison, rows, bitmaps } = found;
      const { samples, held } = comparison;
      const names = rows.map(lastingName);
      return c.json(
        {
          ...{ board: found.board.id, protocol: PROTOCOL, on, samples },
          models: rows.map((row, i) => {
            const [low, high] = wilson95(held[i], samples) ?? [null, null];
            const holds = toBase64(packBitmap(unpackBitmap(bitmaps[i].bytes, samples)));
            return {
              ...{ model: names[i], name: row.name, sha256: row.sha256, state: row.state, runId: row.runId },
              ...{ held: held[i], share: samples ? held[i] / samples : null, low, high, holds },
            };
          }),
          pairs: comparison.pairs.map(({ a, b, ...pair }) => ({ a: names[a], b: names[b], ...pair })),
          groups: comparison.groups.map(({ holds, images }) => ({
            heldBy: names.filter((_, i) => holds[i]),
            count: images.length,
            images: images.slice(0, SHOWN),
          })),
        },
        200,
      );
    },
  );
}
