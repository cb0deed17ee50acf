/** Badges: a row of a board as a small SVG. */
import { z } from '@hono/zod-openapi';
import { modelBySlug, standingsOf } from '@/db/queries/models';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL, PROTOCOL } from '@/lib/protocol/boards';
import { badgeSvg } from '../badge';
import { stores } from '../database';
import type { Api } from './frame';
import { Problem } from './problem';
import { refusals } from './reading';
import { boardIdSchema } from './shapes';

const querySchema = z.strictObject({
  board: boardIdSchema.optional().openapi({ description: 'that which the version was submitted to, without it' }),
});

export function addBadges(api: Api): void {
  // Registered by hand: the parameter is a part of a file's name.
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: '/badge/{id}.svg',
    summary: 'A badge of a row: its robust accuracy and state',
    request: {
      params: z.object({ id: z.string().openapi({ description: 'a model: `slug` (its newest version) or `slug@version`' }) }),
      query: querySchema,
    },
    responses: { 200: { description: 'an image', content: { 'image/svg+xml': { schema: z.string() } } }, ...refusals },
  });
  api.get('/badge/:file', async (c) => {
    const match = /^([a-z0-9-]{1,80})(?:@([1-9]\d{0,5}))?\.svg$/.exec(c.req.param('file'));
    if (!match) throw new Problem('not-found', 'expected /badge/SLUG.svg or /badge/SLUG@VERSION.svg');
    const query = querySchema.safeParse(c.req.query());
    if (!query.success) throw new Problem('bad-request', query.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; '));
    const { db } = await stores();
    // A badge is for strangers, whoever asks.
    const model = await modelBySlug(db, match[1], null);
    const version = model?.versions.find((v) => match[2] === undefined || v.number === Number(match[2]));
    if (!version) throw new Problem('not-found', `there is no public model ${match[0].slice(0, -4)}`);
    const id = query.data.board ?? version.board;
    const row = (await standingsOf(db, version.id)).find((s) => s.board === id && s.protocol === PROTOCOL) ?? null;
    const board = BOARDS.get(id);
    const label = board ? `${DATASETS[board.dataset].title} ${NORM_LABEL[board.norm]} ${board.epsilonLabel}` : id;
    return new Response(badgeSvg(label, row), {
      headers: { 'Content-Type': 'image/svg+xml; charset=utf-8', 'Cache-Control': 'public, max-age=300' },
    });
  });
}
