/** `/feed.json`, of one board with `?board=`. */
import { FEED_HEADERS, feedFor, noBoard } from '../_server/feed-request';
import { jsonFeed } from '../_server/feeds';

export async function GET(request: Request): Promise<Response> {
  const feed = await feedFor(request);
  return feed ? Response.json(jsonFeed(feed), { headers: { 'Content-Type': 'application/feed+json', ...FEED_HEADERS } }) : noBoard();
}
