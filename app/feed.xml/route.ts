/** `/feed.xml`, of one board with `?board=`. */
import { FEED_HEADERS, feedFor, noBoard } from '../_server/feed-request';
import { rss } from '../_server/feeds';

export async function GET(request: Request): Promise<Response> {
  const feed = await feedFor(request);
  return feed ? new Response(rss(feed), { headers: { 'Content-Type': 'application/rss+xml; charset=utf-8', ...FEED_HEADERS } }) : noBoard();
}
