/** Dumps of everything public. */
import { createRoute, z } from '@hono/zod-openapi';
import { allDumps, dumpOf } from '@/db/dump/dumps';
import { LICENCE } from '../../_ui/licence';
import { stores } from '../database';
import type { Api } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { sha256Schema, time } from './shapes';

const dumpSchema = z
  .object({
    day: z.string().openapi({ description: 'YYYY-MM-DD, UTC' }),
    bytes: z.number().int(),
    sha256: sha256Schema,
    rows: z.record(z.string(), z.number().int()).openapi({ description: 'by table' }),
    createdAt: time,
    url: z.string().openapi({ description: 'a path of this site' }),
  })
  .openapi('Dump');

export function addDumps(api: Api): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/dumps',
      summary: 'Dumps of everything public, the newest first',
      responses: { 200: json(z.object({ licence: z.string(), dumps: z.array(dumpSchema) }), 'the newest seven'), ...refusals },
    }),
    async (c) => {
      const { db } = await stores();
      const dumps = (await allDumps(db)).map((d) => ({ ...d, createdAt: d.createdAt.toISOString(), url: `/api/v1/dumps/${d.day}` }));
      return c.json({ licence: LICENCE.name, dumps }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/dumps/{day}',
      summary: 'A dump: each table as JSON lines and as Parquet, as .tar.gz',
      request: { params: z.object({ day: z.string() }) },
      responses: {
        200: { description: 'its bytes', content: { 'application/gzip': { schema: z.string().openapi({ format: 'binary' }) } } },
        ...refusals,
      },
    }),
    async (c) => {
      const { db, blobs } = await stores();
      const { day } = c.req.valid('param');
      const dump = await dumpOf(db, day);
      if (!dump) throw new Problem('not-found', `there is no dump of ${day}; GET /dumps lists those that there are`);
      const bytes = await blobs.get(dump.sha256);
      if (!bytes) throw new Problem('store-unavailable', `the dump of ${day} could not be read just now; try again`);
      return new Response(bytes, {
        headers: {
          'Content-Type': 'application/gzip',
          ETag: `"${dump.sha256}"`,
          'Cache-Control': 'public, max-age=86400',
          'Content-Disposition': `attachment; filename="simplexity-${day}.tar.gz"`,
        },
      }) as never;
    },
  );
}
