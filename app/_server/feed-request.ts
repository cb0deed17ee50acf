/** A feed as it was asked for: of the whole site, or of one board. */
import 'server-only';
import { publicEvents } from '@/db/queries/events';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
import { database } from './database';
import { siteUrl } from './environment';
import type { Feed } from './feeds';

const ITEMS = 50;
/** Readers of feeds ask often. */
export const FEED_HEADERS = { 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' };

/** Null where there is no such board. */
export async function feedFor(request: Request): Promise<Feed | null> {
  const { pathname, searchParams } = new URL(request.url);
  const id = searchParams.get('board');
  const board = id === null ? undefined : BOARDS.get(id);
  if (id !== null && !board) return null;
  const site = siteUrl();
  const of = board ? `${DATASETS[board.dataset].title} ${NORM_LABEL[board.norm]} ${board.epsilonLabel}` : '';
  return {
    title: board ? `Simplexity: ${of}` : 'Simplexity',
    description: `Models submitted, runs added and checked, images broken${board ? `, on ${of}` : ''}.`,
    page: board ? `${site}/boards/${board.id}` : site,
    self: `${site}${pathname}${board ? `?board=${board.id}` : ''}`,
    site,
    events: await publicEvents(await database(), { limit: ITEMS, ...(board ? { board: board.id } : {}) }),
  };
}

export const noBoard = () =>
  Response.json({ error: { code: 'not-found', message: `board: expected one of ${[...BOARDS.keys()].join(', ')}` } }, { status: 404 });
