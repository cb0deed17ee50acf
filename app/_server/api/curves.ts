/** Accuracy curves on request: whoever is signed in asks, a runner measures them when nothing else waits. */
import { createRoute, z } from '@hono/zod-openapi';
import { askForCurves } from '@/db/queries/curves';
import { modelBySlug } from '@/db/queries/models';
import { boardsOf } from '@/db/queries/moderation';
import { stores } from '../database';
import { type Api, counted, readerOf, signedIn } from './frame';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { boardIdSchema } from './shapes';

/** How often an account may have runners measure the curves of others' models. */
const CURVES = (account: string) => ({ key: `curves:${account}`, most: 5, windowSeconds: 86_400 });

export function addCurves(api: Api): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/models/{slug}/versions/{number}/curves',
      summary: 'Have a runner measure accuracy against radius, steps and restarts',
      description: `The run is of kind curves; no standing rests on it. Of others’ models ${CURVES('').most} times a day, of own ones as often as wanted.`,
      request: {
        params: z.object({ slug: z.string(), number: z.coerce.number().int().positive() }),
        body: { required: true, content: { 'application/json': { schema: z.strictObject({ board: boardIdSchema }) } } },
      },
      responses: {
        201: json(z.object({ jobId: z.uuid(), added: z.boolean() }), 'the job; not added where one waits or runs'),
        ...refusals,
      },
    }),
    async (c) => {
      const { accountId, role } = signedIn(c);
      const { slug, number } = c.req.valid('param');
      const { board } = c.req.valid('json');
      const { db } = await stores();
      const model = await modelBySlug(db, slug, readerOf(c));
      const version = model?.versions.find((v) => v.number === number);
      if (!model || !version) throw new Problem('not-found', `there is no version ${number} of ${slug}`);
      if (version.state !== 'public') throw new Problem('not-ready', `the version is ${version.state}; runners measure public ones`);
      if (version.weightsRemovedAt) throw new Problem('gone', 'the files of this version were removed, so nobody can measure it');
      const boards = await boardsOf(db, version.id);
      if (!boards.includes(board)) throw new Problem('bad-request', `board: the version is on ${boards.join(', ')}`);
      const ask = () => askForCurves(db, { versionId: version.id, board });
      const free = role === 'admin' || model.ownerId === accountId;
      return c.json(await (free ? ask() : counted(CURVES(accountId), ask)), 201);
    },
  );
}
